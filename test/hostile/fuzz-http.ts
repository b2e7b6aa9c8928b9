import { mlp } from '../../bench/recipes/mlp.js';
import { residentBytes } from '../../src/processes/process-status.js';
import { ModelFolder } from '../support/model-folder.js';
import { type QuietState, quietState } from '../support/quiet-state.js';
import { Random } from '../support/random.js';
import { ServerProcess } from '../support/server-process.js';
import { bodyLimitBytes } from './bodies.js';
import { exchange } from './exchange.js';
import { askGood, type GoodReport } from './good-caller.js';
import { faultOf } from './judge.js';
import { knownQuestions } from './known-questions.js';
import { RequestMaker } from './request-maker.js';
import type { DocumentedRoute } from './targets.js';

export interface HttpFuzz {
  readonly requests: number;
  readonly seed: number;
  /** Connections at once. */
  readonly atOnce?: number;
  readonly onProgress?: (done: number, faults: readonly string[]) => void;
}

export interface HttpFuzzReport {
  readonly connections: number;
  readonly answers: Readonly<Record<number, number>>;
  /** What was not as it should be, each with the request that it came of. */
  readonly faults: readonly string[];
  readonly good: GoodReport;
  /** Whether it is the process that it was at the start. */
  readonly isAlive: boolean;
  readonly exitCode: number | null;
  readonly before: QuietState;
  readonly after: QuietState;
  /** Of the worker, after the first tenth and at the end. */
  readonly residentBytes: readonly [early: number, late: number];
  /** What the server itself holds for its own faults. */
  readonly internalErrors: readonly string[];
}

const mostFaults = 100;

/** Makes the server collect its garbage when `quietState` asks for it. */
const collector = new URL('../support/collect-garbage.js', import.meta.url).href;

/** Serves two models, sends one of them what nobody should, and asks the other what has a right answer meanwhile. */
export async function fuzzHttp({ requests, seed, atOnce = 16, onProgress }: HttpFuzz): Promise<HttpFuzzReport> {
  const folder = new ModelFolder();
  for (const name of ['good', 'prey']) folder.write(mlp(), `${name}.onnx`);
  const flags = ['--poll-interval-ms', '0', '--body-limit-bytes', String(bodyLimitBytes)];
  const server = await ServerProcess.start([...flags, '--models', folder.path, '--log-successes-per-second', '0'], {
    NODE_OPTIONS: `--import=${collector}`,
  });
  try {
    await server.ready();
    const pid = server.child.pid as number;
    const random = new Random(seed);
    const questions = await knownQuestions('good', random);
    const maker = new RequestMaker(random, { routes: await documentedRoutes(server), prey: 'prey', questions });
    const port = Number(new URL(server.origin).port);
    const before = await quietState(server);
    const good = askGood(port, questions);

    const answers: Record<number, number> = {};
    const faults: string[] = [];
    let early = 0;
    let sent = 0;
    const work = async (): Promise<void> => {
      while (sent < requests && server.child.exitCode === null && server.child.signalCode === null) {
        const request = maker.make();
        sent++;
        const outcome = await exchange(port, request);
        for (const { status } of outcome.reader.answers) answers[status] = (answers[status] ?? 0) + 1;
        const fault = faultOf(request, outcome, folder.path);
        if (fault !== undefined && faults.length < mostFaults) faults.push(`${fault}  <-  ${request.label}`);
        if (sent === Math.ceil(requests / 10)) early = residentBytes(pid) ?? 0;
        onProgress?.(sent, faults);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));

    const isAlive = server.child.exitCode === null && server.child.signalCode === null;
    const goodReport = await good.stop();
    // It may be unloaded by now.
    if (isAlive) await server.post('/v2/repository/models/prey/load', '');
    const after = isAlive ? await quietState(server, before) : before;
    const late = residentBytes(pid) ?? 0;
    const exitCode = await server.stop();
    const internalErrors = server.log.filter(({ msg }) => /nobody foresaw|uncaught|unhandled/i.test(msg));
    return {
      connections: sent,
      answers,
      faults,
      good: goodReport,
      isAlive,
      exitCode,
      before,
      after,
      residentBytes: [early, late],
      internalErrors: internalErrors.map((line) => JSON.stringify(line).slice(0, 1000)),
    };
  } finally {
    await server.stop('SIGKILL');
    folder.remove();
  }
}

/** The server's own OpenAPI document says what there is to attack. */
async function documentedRoutes(server: ServerProcess): Promise<DocumentedRoute[]> {
  const { body } = await server.get('/docs/json');
  const paths = Object.entries(body.paths as Readonly<Record<string, object>>);
  if (paths.length < 20) throw new Error(`the OpenAPI document has only ${paths.length} paths`);
  return paths.map(([path, operations]) => ({ path, methods: Object.keys(operations) }));
}
