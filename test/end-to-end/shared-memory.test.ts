import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ModelFolder } from '../support/model-folder.js';
import { ServerProcess, shippedModels } from '../support/server-process.js';

const skip = existsSync('/dev/shm') ? false : 'there is no /dev/shm here';
const key = `slipway-test-${randomUUID()}`;
const object = `/dev/shm/${key}`;
const folder = new ModelFolder();
let server: ServerProcess;
let port: string;

before(async () => {
  folder.put(join(shippedModels, 'iris/1/model.onnx'), 'iris/1/model.onnx');
  const flags = ['--models', folder.path, '--shared-memory', '--workers', '2', '--log-successes-per-second', '1000'];
  server = await (await ServerProcess.start(flags, {}, ['--host', '0.0.0.0', '--port', '0'])).ready();
  ({ port } = new URL(server.origin));
});
after(async () => {
  await server.stop();
  folder.remove();
  rmSync(object, { force: true });
});

interface Answer {
  readonly status: number | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: what a test expects of a body is said by its assertions
  readonly body: any;
}

/** On a connection of its own, which any worker may get and on which nothing unusual is said. */
async function post(path: string, body: object, host = '127.0.0.1'): Promise<Answer> {
  const agent = new Agent({ keepAlive: true });
  const text = JSON.stringify(body);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  const answer = await new Promise<Answer>((resolve, reject) => {
    const call = request({ host, port, path, method: 'POST', agent, headers }, async (response) => {
      const answered = (await response.setEncoding('utf8').toArray()).join('');
      resolve({ status: response.statusCode, body: answered === '' ? undefined : JSON.parse(answered) });
    });
    call.on('error', reject);
    call.end(text);
  });
  agent.destroy();
  return answer;
}

const inputBytes = 16;
const flower = Buffer.from(Float32Array.of(5.1, 3.5, 1.4, 0.2).buffer);
const question = {
  inputs: [
    {
      name: 'measurements',
      datatype: 'FP32',
      shape: [1, 4],
      parameters: { shared_memory_region: 'flowers', shared_memory_byte_size: inputBytes },
    },
  ],
  outputs: [
    {
      name: 'probabilities',
      parameters: { shared_memory_region: 'flowers', shared_memory_byte_size: 12, shared_memory_offset: inputBytes },
    },
  ],
};

const workersThatAnswered = (): Set<unknown> =>
  new Set(server.log.filter(({ msg }) => msg === 'request answered').map(({ worker }) => worker));

const infer = (host?: string): Promise<Answer> => post('/v2/models/iris/infer', question, host);

async function answersRightly(): Promise<void> {
  writeFileSync(object, Buffer.concat([flower, Buffer.alloc(12)]));
  const { status, body } = await infer();
  assert.equal(status, 200, JSON.stringify(body));
  const { data, parameters } = body.outputs[0];
  assert.equal(data, undefined);
  assert.deepEqual(parameters, question.outputs[0]?.parameters);
  const [setosa] = new Float32Array(new Uint8Array(readFileSync(object).subarray(inputBytes)).buffer);
  assert.ok(setosa !== undefined && setosa > 0.9 && setosa <= 1, `${setosa}`);
}

test('every worker knows a region that one of them registered, one that starts later too', { skip }, async () => {
  writeFileSync(object, Buffer.alloc(inputBytes + 12));
  const registration = { key: `/${key}`, byte_size: inputBytes + 12 };
  assert.equal((await post('/v2/systemsharedmemory/region/flowers/register', registration)).status, 200);
  for (let asked = 0; asked < 4; asked++) await answersRightly();
  assert.deepEqual(workersThatAnswered(), new Set([1, 2]));
  const pid = server.log.findLast((line) => line.worker === 2 && line.workerPid === undefined)?.pid as number;
  process.kill(pid, 'SIGKILL');
  const isBack = () => server.log.some(({ msg, worker }) => msg === 'worker serves again' && worker === 2);
  await server.until(async () => isBack(), 'whole again');
  server.log.length = 0;
  for (let asked = 0; asked < 4; asked++) await answersRightly();
  assert.ok(workersThatAnswered().has(2));
});

test('a caller that reaches the server by another address is refused', { skip }, async (context) => {
  const address = Object.values(networkInterfaces())
    .flatMap((some) => some ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
  if (address === undefined) return context.skip('this machine has no other address');
  const { status, body } = await infer(address);
  assert.equal(status, 403);
  assert.match(body.error, /shared memory is for programs on the same machine/);
});

test('a region that every worker forgot is known to none', { skip }, async () => {
  assert.equal((await post('/v2/systemsharedmemory/region/flowers/unregister', {})).status, 200);
  for (let asked = 0; asked < 4; asked++) {
    const { status, body } = await infer();
    assert.equal(status, 400);
    assert.match(body.error, /Unable to find system shared memory region: "flowers"; register it first/);
  }
});
