import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { httpRequest } from '../load/http-request.js';
import { type ModelName, modelFile, modelFolder } from '../recipes/make-models.js';
import { type Protocol, requestBody } from '../workloads/request-body.js';
import type { Workload } from '../workloads/workload.js';
import { AnnouncedServer } from './announced-server.js';

const program = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

interface Placement {
  readonly cores: readonly number[] | undefined;
}

const forms = {
  bundle: [program('../../bundle/slipway.js'), 'serve'],
  modules: [program('../../src/main.js'), 'serve'],
  unobserved: [program('./unobserved-slipway.js')],
};

interface SlipwayOptions extends Placement {
  readonly flags?: readonly string[];
  /** The bundle, as it is shipped; its single modules; or those with nobody who logs and counts. */
  readonly form?: keyof typeof forms;
  /** Another checkout of this project, built; its bundle is started. */
  readonly checkout?: string;
}

/** Slipway with one model, or with a folder of them; ready, and done with what it tries out, when this resolves. */
export async function launchSlipway(
  what: { readonly model: ModelName } | { readonly folder: string },
  { cores, flags = [], form = 'bundle', checkout }: SlipwayOptions,
): Promise<AnnouncedServer> {
  if ('model' in what) modelFile(what.model);
  const models =
    'model' in what ? ['--models', modelFolder(what.model), '--model-name', what.model] : ['--models', what.folder];
  const address = ['--host', '127.0.0.1', '--port', '0'];
  const start = checkout === undefined ? forms[form] : [join(checkout, 'dist/bundle/slipway.js'), 'serve'];
  const argv = [process.execPath, ...start, ...address, ...models, ...flags];
  const server = await AnnouncedServer.launch({ argv, cores });
  await server.ready('/v2/health/ready');
  if ('model' in what) await proved(server, what.model);
  return server;
}

/** Requests run one by one until it is known whether their rows may share runs. */
async function proved({ host, port }: AnnouncedServer, model: string): Promise<void> {
  for (;;) {
    const answer = await fetch(`http://${host}:${port}/v1/models/${model}/metadata`);
    const { model_info } = (await answer.json()) as { model_info: { batching: { pending?: boolean } } };
    if (model_info.batching.pending !== true) return;
    await after(50);
  }
}

export function launchNaive(model: ModelName, { cores, threads = 1 }: Placement & { readonly threads?: number }) {
  const argv = [process.execPath, program('./naive-server.js'), modelFile(model), String(threads)];
  return AnnouncedServer.launch({ argv, cores });
}

export function launchFloor(responseBytes: number, { cores }: Placement): Promise<AnnouncedServer> {
  return AnnouncedServer.launch({
    argv: [process.execPath, program('./floor-server.js'), String(responseBytes)],
    cores,
  });
}

export function launchSockets(responseBytes: number, { cores }: Placement): Promise<AnnouncedServer> {
  return AnnouncedServer.launch({
    argv: [process.execPath, program('./socket-server.js'), String(responseBytes)],
    cores,
  });
}

const slipwayPath = (model: string, protocol: Protocol): string =>
  protocol === 'v1' ? `/v1/models/${model}/predict` : `/v2/models/${model}/infer`;

export const slipwayRequests = (
  { model, questions }: Workload,
  protocol: Protocol,
  name: string = model,
): Uint8Array[] =>
  questions.map((question) => httpRequest(slipwayPath(name, protocol), requestBody(protocol, question)));

/** The naive server reads the same JSON. */
export const naiveRequests = ({ questions }: Workload): Uint8Array[] =>
  questions.map((question) => httpRequest('/predict', requestBody('v1', question)));

/** Nothing but the tensor's bytes. */
export const naiveBinaryRequests = ({ questions }: Workload): Uint8Array[] =>
  questions.map((question) => {
    const bytes = Buffer.concat(question.map(({ values }) => Buffer.from(values.buffer as ArrayBuffer)));
    return httpRequest('/predict-binary', { headers: { 'content-type': 'application/octet-stream' }, bytes });
  });
