import { readFileSync } from 'node:fs';
import { httpRequest } from '../load/http-request.js';
import type { LoadGenerator } from '../load/load-generator.js';
import { type Protocol, protocols, requestBody } from '../workloads/request-body.js';
import type { Workload } from '../workloads/workload.js';
import { HttpContender } from './http-contender.js';

/** Any other server that is already running, as `--target NAME,BODY,URL[,PID]` describes it. */
export interface ExternalTarget {
  readonly name: string;
  readonly body: { readonly protocol: Protocol } | { readonly file: string };
  /** `{model}` in it stands for the workload's model. */
  readonly url: string;
  /** Charged with CPU time and memory, its children included. */
  readonly pid?: number;
}

export const targetSyntax =
  'NAME,BODY,URL[,PID] with BODY one of v1, v2, v2-binary or @FILE (JSON, sent as it is) and {model} in URL for the model';

export function parseTarget(text: string): ExternalTarget {
  const [name, body, url, pid] = text.split(',');
  if (!name || !body || !url || !URL.canParse(url.replaceAll('{model}', 'x'))) {
    throw new Error(`--target: expected ${targetSyntax}, got ${JSON.stringify(text)}`);
  }
  return { name, body: parseBody(body), url, ...(pid !== undefined && { pid: Number(pid) }) };
}

function parseBody(text: string): ExternalTarget['body'] {
  if (text.startsWith('@')) return { file: text.slice(1) };
  const protocol = protocols.find((known) => known === text);
  if (protocol !== undefined) return { protocol };
  throw new Error(`--target: expected ${targetSyntax}, got the body ${JSON.stringify(text)}`);
}

export function externalContender(target: ExternalTarget, workload: Workload, generator: LoadGenerator): HttpContender {
  const { hostname, port, pathname, search } = new URL(target.url.replaceAll('{model}', workload.model));
  const server = { host: hostname, port: Number(port || 80), pid: target.pid };
  const { body } = target;
  const bodies =
    'file' in body
      ? [{ headers: { 'content-type': 'application/json' }, bytes: readFileSync(body.file) }]
      : workload.questions.map((question) => requestBody(body.protocol, question));
  const requests = bodies.map((one) => httpRequest(pathname + search, one, hostname));
  return new HttpContender({ name: target.name, generator, server, requests });
}
