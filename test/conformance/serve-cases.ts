import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { inspectModel } from '../../src/onnx/inspect-model.js';
import { ServerProcess } from '../support/server-process.js';
import type { CaseResult, Verdicts } from './case-result.js';
import type { ConformanceCase } from './corpus.js';
import { describeServedModel } from './served-model.js';
import { messageOf, tryCase } from './try-case.js';

export interface ServedCases {
  readonly results: readonly CaseResult[];
  /** Models whose engine process ended by itself. */
  readonly engineDeaths: readonly string[];
  /** Whether the server was still there at the end and then stopped as it should. */
  readonly workerSurvived: boolean;
}

/** NaN and infinities have to be told apart, and images to go through as JSON numbers, several at a time. */
const flags = [
  ...['--poll-interval-ms', '0', '--log-successes-per-second', '0'],
  ...['--non-finite', 'string', '--body-limit-bytes', '512MiB'],
];

/** Serves the models of all cases in one server and asks it for each case. */
export async function serveCases(cases: readonly ConformanceCase[]): Promise<ServedCases> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-conformance-'));
  try {
    const named = new Map(cases.map((found) => [modelName(found), found]));
    for (const [name, found] of named) putModel(join(folder, name), found);
    const server = await ServerProcess.start(['--models', folder, ...flags]);
    const results = await tryAll(server, named);
    const isAlive = server.child.exitCode === null && server.child.signalCode === null;
    const exitCode = await server.stop();
    return { results, engineDeaths: engineDeaths(server), workerSurvived: isAlive && exitCode === 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A link would lead out of the models folder, which the server rejects; a copy may also be read-only. */
function putModel(folder: string, { modelPath, companions }: ConformanceCase): void {
  mkdirSync(folder);
  copyFileSync(modelPath, join(folder, 'model.onnx'));
  for (const companion of companions) copyFileSync(companion, join(folder, basename(companion)));
}

/** Ids become names that stand in URLs as they are. */
const modelName = ({ suite, id }: ConformanceCase): string =>
  `${suite}.${id}`.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 128);

async function tryAll(server: ServerProcess, cases: ReadonlyMap<string, ConformanceCase>): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  let rejections: ReadonlyMap<string, string> | undefined;
  for (const [name, found] of cases) {
    const { id, suite, group, bareEngine } = found;
    const about = { id, suite, group, bareEngine };
    try {
      rejections ??= await settled(server, cases.size);
      const rejection = rejections.get(name);
      if (rejection !== undefined) results.push({ ...about, rejection, verdicts: {} });
      else {
        const verdicts = await tryCase(await describeServedModel(server.origin, name), found);
        results.push({ ...about, verdicts, ...((await drawsAtRandom(found, verdicts)) && { isRandom: true }) });
      }
    } catch (error) {
      // The server is gone: so it is for all cases that follow, which are told so too.
      results.push({ ...about, verdicts: { 'v2 JSON': { kind: 'wrong', detail: messageOf(error) } } });
    }
  }
  return results;
}

/** Asked only where an answer is not the recorded one. */
async function drawsAtRandom({ modelPath }: ConformanceCase, verdicts: Verdicts): Promise<boolean> {
  if (!Object.values(verdicts).some(({ kind }) => kind === 'wrong')) return false;
  return (await inspectModel(modelPath)).modes.random.length > 0;
}

interface IndexLine {
  readonly name: string;
  readonly state: string;
  readonly reason: string;
}

/** Resolves when no model is loading any more, with the reasons of those that do not serve. */
async function settled(server: ServerProcess, count: number): Promise<ReadonlyMap<string, string>> {
  for (;;) {
    const response = await fetch(`${server.origin}/v2/repository/index`, { method: 'POST' });
    const lines = (await response.json()) as readonly IndexLine[];
    if (lines.length === count && lines.every(({ state }) => state !== 'LOADING')) {
      return new Map(lines.filter(({ state }) => state !== 'READY').map(({ name, reason }) => [name, reason]));
    }
    await after(100);
  }
}

const engineDeaths = ({ log }: ServerProcess): string[] =>
  log.filter(({ msg }) => msg.includes('ended unexpectedly')).map(({ msg }) => msg);
