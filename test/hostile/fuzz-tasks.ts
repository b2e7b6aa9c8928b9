import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { residentBytes } from '../../src/processes/process-status.js';
import { ModelFolder } from '../support/model-folder.js';
import { isNearlySame } from '../support/nearly-same.js';
import { writePictureModel } from '../support/picture-models.js';
import { everyModelServes, openFiles, quietState } from '../support/quiet-state.js';
import { Random } from '../support/random.js';
import { ServerProcess } from '../support/server-process.js';
import { writeClassifier, writeEmbedder } from '../support/text-models.js';
import type { RawAnswer } from './answer-reader.js';
import type { HttpFuzz, HttpFuzzReport } from './fuzz-http.js';
import { askGood } from './good-caller.js';
import { answerFault, text } from './judge.js';
import { knownTasks } from './known-tasks.js';
import { type TaskRequest, TaskRequestMaker } from './task-requests.js';

export interface TaskFuzzReport extends HttpFuzzReport {
  /** Requests that were asked once more, alone. */
  readonly compared: number;
}

const mostFaults = 100;
/** Of the answers with status 200 one in so many is compared with the answer alone. */
const comparedOneIn = 4;
const mostCompared = 5000;
const bodyLimitBytes = 4 * 2 ** 20;

/** Makes the server collect its garbage when `quietState` asks for it. */
const collector = new URL('../support/collect-garbage.js', import.meta.url).href;

/** Sends models that take texts and pictures what nobody should, many at once; asks some of it again, alone. */
export async function fuzzTasks({ requests, seed, atOnce = 16, onProgress }: HttpFuzz): Promise<TaskFuzzReport> {
  const folder = new ModelFolder();
  for (const name of ['embedder', 'good']) writeEmbedder(folder, name);
  writeClassifier(folder, 'sorter');
  for (const kind of ['classifier', 'detector'] as const) writePictureModel(folder, kind);
  const flags = ['--poll-interval-ms', '0', '--body-limit-bytes', String(bodyLimitBytes)];
  const server = await ServerProcess.start([...flags, '--models', folder.path, '--log-successes-per-second', '0'], {
    NODE_OPTIONS: `--import=${collector}`,
  });
  const agent = new Agent({ keepAlive: true });
  try {
    await everyModelServes(server);
    const pid = server.child.pid as number;
    const port = Number(new URL(server.origin).port);
    const models = { embedders: ['embedder'], classifiers: ['sorter'], viewers: ['classifier', 'detector'] };
    const maker = await TaskRequestMaker.open(new Random(seed), models);
    await everyProcessIsUp(server);
    const before = await quietState(server);
    const good = askGood(port, await knownTasks());

    const isAlive = (): boolean => server.child.exitCode === null && server.child.signalCode === null;
    const answers: Record<number, number> = {};
    const faults: string[] = [];
    const asked: { readonly request: TaskRequest; readonly body: string }[] = [];
    let early = 0;
    let sent = 0;
    let done = 0;
    const note = (fault: string, { label, body }: TaskRequest): void => {
      if (faults.length < mostFaults) faults.push(`${fault}  <-  ${label}: ${body.toString('latin1', 0, 300)}`);
    };
    const work = async (): Promise<void> => {
      while (sent < requests && isAlive()) {
        const made = maker.make();
        const at = sent++;
        const answer = await ask(port, agent, made);
        const fault = typeof answer === 'string' ? answer : faultOf(made, answer, folder.path);
        if (fault !== undefined) note(fault, made);
        else if (typeof answer !== 'string') {
          answers[answer.status] = (answers[answer.status] ?? 0) + 1;
          const isCompared = answer.status === 200 && at % comparedOneIn === 0 && asked.length < mostCompared;
          if (isCompared) asked.push({ request: made, body: text(answer) });
        }
        if (sent === Math.ceil(requests / 10)) early = residentBytes(pid) ?? 0;
        onProgress?.(++done, faults);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    for (const { request: made, body } of isAlive() ? asked : []) {
      const alone = await ask(port, agent, made);
      const again = typeof alone === 'string' ? alone : text(alone);
      if (!isNearlySame(withoutId(JSON.parse(body)), withoutId(parsed(again))))
        note(`${body.slice(0, 200)} in the crowd, ${again.slice(0, 200)} alone`, made);
    }

    const goodReport = await good.stop();
    agent.destroy();
    const wasAlive = isAlive();
    const after = wasAlive ? await quietState(server, before) : before;
    const late = residentBytes(pid) ?? 0;
    const exitCode = await server.stop();
    const internalErrors = server.log.filter(({ msg }) => /nobody foresaw|uncaught|unhandled/i.test(msg));
    return {
      connections: sent,
      compared: asked.length,
      answers,
      faults,
      good: goodReport,
      isAlive: wasAlive,
      exitCode,
      before,
      after,
      residentBytes: [early, late],
      internalErrors: internalErrors.map((line) => JSON.stringify(line).slice(0, 1000)),
    };
  } finally {
    agent.destroy();
    await server.stop('SIGKILL');
    folder.remove();
  }
}

/** The processes that start others come some time after the server serves: until nothing is opened for a second. */
async function everyProcessIsUp(server: ServerProcess): Promise<void> {
  let [files, still] = [0, 0];
  while (still < 4) {
    await pause(250);
    const now = openFiles(server);
    still = now === files ? still + 1 : 0;
    files = now;
  }
}

/** What ends the process that prepares it is told so. */
const endedProcess = /ended the process|was given up|took longer/;

function faultOf({ path }: TaskRequest, answer: RawAnswer, secret: string): string | undefined {
  const mayBe = answer.status >= 500 && endedProcess.test(text(answer)) ? [answer.status] : [];
  return answerFault({ method: 'POST', target: path, mayBe }, answer, secret);
}

/** The answer; a sentence where none came. */
const ask = (port: number, agent: Agent, { path, contentType, body }: TaskRequest): Promise<RawAnswer | string> =>
  new Promise((resolve) => {
    const headers = { 'content-type': contentType, 'content-length': body.length };
    const call = request({ host: '127.0.0.1', port, agent, method: 'POST', path, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part) => parts.push(part));
      response.on('error', ({ message }) => resolve(`no whole answer: ${message}`));
      response.on('end', () => {
        const pairs = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const);
        resolve({ status: response.statusCode as number, headers: pairs, body: Buffer.concat(parts) });
      });
    });
    call.setTimeout(60_000, () => call.destroy(new Error('silence for a minute')));
    call.on('error', ({ message }) => resolve(`no answer: ${message}`));
    call.end(body);
  });

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};

/** The id of a request is its own. */
const withoutId = (body: unknown): unknown => ({ ...(body as object), id: undefined });
