import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { loadConfig } from '../../src/config/load-config.js';
import { Service } from '../../src/service.js';
import { projectRoot } from '../../tools/project-root.js';
import { ModelFolder } from '../support/model-folder.js';
import { chaosModel } from '../support/model-paths.js';
import { lineServer } from './line-protocol.js';

const folder = new ModelFolder();
folder.put(join(projectRoot(), 'models/iris/1/model.onnx'), 'iris/1/model.onnx');
folder.put(chaosModel('spin'), 'spin/1/model.onnx');
folder.write('{"instances": 1, "runTimeoutMs": 60000}', 'spin/model.json');

const argv = ['--models', folder.path, '--host', '127.0.0.1', '--port', '0', '--poll-interval-ms', '0'];
const service = new Service({
  config: loadConfig({ env: {}, argv, cwd: folder.path }),
  logger: pino({ level: 'silent' }),
  version: '1.2.3',
  servers: [lineServer],
});
let http = '';

before(async () => {
  http = await service.start();
  await service.reconciled();
});
after(async () => {
  await service.stop();
  folder.remove();
});

/** A connection, and the lines that came on it. */
class Line {
  readonly socket: Socket;
  readonly #lines: AsyncIterator<string>;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.#lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  }

  static async open(): Promise<Line> {
    const [host, port] = service.addressOf('line').split(':');
    const socket = connect(Number(port), host);
    await once(socket, 'connect');
    return new Line(socket);
  }

  send(line: string): void {
    this.socket.write(`${line}\n`);
  }

  /** Undefined once the server has ended the connection. */
  async next(): Promise<string | undefined> {
    const { value, done } = await this.#lines.next();
    return done === true ? undefined : value;
  }

  async ask(line: string): Promise<string | undefined> {
    this.send(line);
    return this.next();
  }
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(10);
}

/** The sum of a metric's lines that have all these labels. */
async function counted(metric: string, ...labels: readonly string[]): Promise<number> {
  const lines = (await service.metrics.render()).split('\n').filter((line) => line.startsWith(`${metric}{`));
  const meant = lines.filter((line) => labels.every((label) => line.includes(label)));
  return meant.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

const finished = (code: string): Promise<number> =>
  counted('slipway_requests_total', 'protocol="line"', `code="${code}"`);

test('the example is as short as the guide says', () => {
  const source = readFileSync(join(projectRoot(), 'test/extending/line-protocol.ts'), 'utf8');
  assert.ok(source.trimEnd().split('\n').length <= 150);
});

test('a line gets the answer that HTTP gives', async () => {
  const line = await Line.open();
  const answer = await line.ask('a1 iris 5.1 3.5 1.4 0.2');
  const response = await fetch(`${http}/v1/models/iris/predict`, {
    method: 'POST',
    body: JSON.stringify({ inputs: [[5.1, 3.5, 1.4, 0.2]] }),
  });
  const { outputs } = (await response.json()) as { outputs: { label: string[]; probabilities: number[][] } };
  const [, label, scores] = /^a1 ok label=(\w+) probabilities=(.*)$/.exec(answer ?? '') ?? [];
  assert.deepEqual([label], outputs.label);
  assert.deepEqual(
    scores?.split(',').map((score) => Math.fround(Number(score))),
    outputs.probabilities[0]?.map(Math.fround),
  );
  assert.equal(await finished('OK'), 1);
  line.socket.destroy();
});

test('what is wrong is said in words, and the connection goes on', async () => {
  const line = await Line.open();
  assert.equal(await line.ask('b1 iris 5.1 x'), 'b1 error INVALID_ARGUMENT expected numbers, got "x"');
  assert.match(
    (await line.ask('b2 iris 5.1 3.5')) ?? '',
    /^b2 error INVALID_ARGUMENT input "\w+": expected 4 in dimension 1/,
  );
  assert.match((await line.ask('b3 irsi 5.1')) ?? '', /^b3 error NOT_FOUND .*iris/);
  assert.match((await line.ask('b4 iris timeout=soon 1 2 3 4')) ?? '', /^b4 error INVALID_ARGUMENT timeout: expected/);
  assert.match((await line.ask('b5 iris 1 2 3 4')) ?? '', /^b5 ok /);
  line.socket.destroy();
});

test('a deadline that passes is told, whatever the model goes on doing', async () => {
  const line = await Line.open();
  const before = await finished('DEADLINE_EXCEEDED');
  assert.match((await line.ask('c1 spin timeout=30 2000000')) ?? '', /^c1 error DEADLINE_EXCEEDED /);
  assert.equal((await finished('DEADLINE_EXCEEDED')) - before, 1);
  line.socket.destroy();
});

const inFlight = async (): Promise<boolean> => (await counted('slipway_in_flight_requests', 'model="spin"')) > 0;

test('who hangs up cancels what is under way, each call once', async () => {
  const line = await Line.open();
  line.send('d1 spin 1000000\nd2 spin 1000000');
  await until(inFlight);
  line.socket.destroy();
  await until(async () => (await finished('CANCELED')) === 2);
});

test('a stop finishes what is under way, and takes no further connection', async () => {
  const [busy, idle] = [await Line.open(), await Line.open()];
  // Calls begin in the order of their lines: when the second is answered, the first is under way.
  busy.send('e1 spin 30000\ne2 iris 5.1 3.5 1.4 0.2');
  const answers = [await busy.next()];
  const stopped = service.stop();
  assert.equal(await idle.next(), undefined);
  await assert.rejects(Line.open());
  answers.push(await busy.next());
  answers.sort();
  assert.equal(answers[0], 'e1 ok y=60000');
  assert.match(answers[1] ?? '', /^e2 ok /);
  assert.equal(await busy.next(), undefined);
  await stopped;
});
