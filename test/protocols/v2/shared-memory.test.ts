import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { InjectOptions } from 'fastify';
import { encodeBytesElements } from '../../../src/codecs/bytes-elements.js';
import { startTestServer } from '../test-server.js';

const skip = existsSync('/dev/shm') ? false : 'there is no /dev/shm here';
const regionsFolder = mkdtempSync(join(tmpdir(), 'slipway-test-regions-'));
after(() => rmSync(regionsFolder, { recursive: true }));
// Both know the same regions, as workers and threads of one server do.
const { app } = await startTestServer({ after }, { regionsFolder });
const threaded = await startTestServer({ after }, { regionsFolder, threadsFromBytes: 0 });

/** A name of an object in /dev/shm that is removed at the end. */
function objectName(): string {
  const name = `slipway-test-${randomUUID()}`;
  after(() => rmSync(`/dev/shm/${name}`, { force: true, recursive: true }));
  return name;
}

function sharedObject(content: Uint8Array | number): string {
  const name = objectName();
  writeFileSync(`/dev/shm/${name}`, typeof content === 'number' ? Buffer.alloc(content) : content);
  return name;
}

const contentOf = (key: string): Buffer => readFileSync(`/dev/shm/${key}`);
const floats = (...values: number[]): Buffer => Buffer.from(Float32Array.from(values).buffer);

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what a test expects of a body is said by its assertions
  readonly body: any;
}

const post = async (url: string, body: object = {}, others: Partial<InjectOptions> = {}): Promise<Answer> =>
  answerOf(await app.inject({ method: 'POST', url, payload: body, ...others }));

const get = async (url: string, others: Partial<InjectOptions> = {}): Promise<Answer> =>
  answerOf(await app.inject({ method: 'GET', url, ...others }));

const answerOf = ({ statusCode, body }: { statusCode: number; body: string }): Answer => ({
  status: statusCode,
  body: body === '' ? undefined : JSON.parse(body),
});

const base = '/v2/systemsharedmemory';
const register = (name: string, key: string, byte_size: number, offset?: number): Promise<Answer> =>
  post(`${base}/region/${name}/register`, { key, byte_size, ...(offset !== undefined && { offset }) });

async function registered(content: Uint8Array | number, name: string = randomUUID()) {
  const key = sharedObject(content);
  const { status, body } = await register(name, `/${key}`, statSync(`/dev/shm/${key}`).size);
  assert.equal(status, 200, JSON.stringify(body));
  return { key, name };
}

const part = (region: string, bytes: number, offset?: number) => ({
  shared_memory_region: region,
  shared_memory_byte_size: bytes,
  ...(offset !== undefined && { shared_memory_offset: offset }),
});

const sharedInput = (parameters: object, shape = [1, 2], datatype = 'FP32') => ({
  name: 'x',
  shape,
  datatype,
  parameters,
});

/** The answer, which is the same where another thread reads and writes. */
async function infer(model: string, body: object, others: Partial<InjectOptions> = {}): Promise<Answer> {
  const asked = { method: 'POST', url: `/v2/models/${model}/infer`, payload: body, ...others } as const;
  const here = answerOf(await app.inject(asked));
  const there = answerOf(await threaded.app.inject(asked));
  assert.deepEqual(there, here);
  return here;
}

test('regions are registered, listed and forgotten, one or all', { skip }, async () => {
  const key = sharedObject(64);
  assert.equal((await register('a', `/${key}`, 16)).status, 200);
  assert.equal((await register('b', key, 32, 32)).status, 200);
  const a = { name: 'a', key: `/${key}`, offset: 0, byte_size: 16 };
  const b = { name: 'b', key, offset: 32, byte_size: 32 };
  assert.deepEqual((await get(`${base}/status`)).body, [a, b]);
  assert.deepEqual(await get(`${base}/region/b/status`), { status: 200, body: [b] });
  assert.equal((await get(`${base}/region/c/status`)).status, 404);
  const again = await register('a', `/${key}`, 16);
  assert.equal(again.status, 409);
  assert.match(again.body.error, /'a' already in manager/);
  assert.equal((await post(`${base}/region/a/unregister`)).status, 200);
  assert.equal((await post(`${base}/region/a/unregister`)).status, 200, 'nothing to forget is no failure');
  assert.deepEqual((await get(`${base}/status`)).body, [b]);
  assert.equal((await post(`${base}/unregister`)).status, 200);
  assert.deepEqual((await get(`${base}/status`)).body, []);
  assert.equal(contentOf(key).length, 64, 'the object is left alone');
});

test('the extension is announced to those who may use it', async () => {
  const hasIt = async (others: Partial<InjectOptions>): Promise<boolean> =>
    (await get('/v2', others)).body.extensions.includes('system_shared_memory');
  assert.equal(await hasIt({}), true);
  assert.equal(await hasIt({ remoteAddress: '10.1.2.3' }), false);
});

test('inputs come from a region and outputs go to one, without data in the answer', { skip }, async () => {
  const given = await registered(Buffer.concat([floats(7, 7), floats(0.1, 2)]));
  const taken = await registered(24);
  const { status, body } = await infer('echo-fp32', {
    inputs: [sharedInput(part(given.name, 8, 8))],
    outputs: [{ name: 'y', parameters: part(taken.name, 12, 4) }],
  });
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(body.outputs, [{ name: 'y', datatype: 'FP32', shape: [1, 2], parameters: part(taken.name, 8, 4) }]);
  const written = Buffer.concat([Buffer.alloc(4), floats(0.1, 2), Buffer.alloc(12)]);
  assert.deepEqual(contentOf(taken.key), written, 'nothing beside it is touched');
});

test('a region and tensors in the request go together, as JSON and as bytes behind it', { skip }, async () => {
  const taken = await registered(8);
  const json = JSON.stringify({
    inputs: [sharedInput({ binary_data_size: 8 })],
    outputs: [{ name: 'y', parameters: { binary_data: true, ...part(taken.name, 8) } }],
  });
  const headers = {
    'content-type': 'application/octet-stream',
    'inference-header-content-length': String(json.length),
  };
  const asked = await infer('echo-fp32', Buffer.concat([Buffer.from(json), floats(3, 4)]), { headers });
  assert.deepEqual(asked.body.outputs[0].parameters, part(taken.name, 8));
  assert.deepEqual(contentOf(taken.key), floats(3, 4));
  const given = await registered(floats(5, 6));
  const { body } = await infer('echo-fp32', { inputs: [sharedInput(part(given.name, 8))] });
  assert.deepEqual(body.outputs[0].data, [5, 6]);
});

test('strings lie in a region as they do behind the JSON', { skip }, async () => {
  const bytes = encodeBytesElements(['ä', 'longer text']);
  const given = await registered(bytes);
  const taken = await registered(64);
  const { status, body } = await infer('echo-bytes', {
    inputs: [sharedInput(part(given.name, bytes.length), [1, 2], 'BYTES')],
    outputs: [{ name: 'y', parameters: part(taken.name, 64) }],
  });
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(body.outputs[0].parameters, part(taken.name, bytes.length));
  assert.deepEqual(contentOf(taken.key).subarray(0, bytes.length), bytes);
});

test('a key is a name in /dev/shm and nothing else', { skip }, async () => {
  const outside = join(regionsFolder, 'outside');
  writeFileSync(outside, Buffer.alloc(64));
  const link = objectName();
  symlinkSync(outside, `/dev/shm/${link}`);
  const folder = objectName();
  mkdirSync(`/dev/shm/${folder}`);
  writeFileSync(`/dev/shm/${folder}/inner`, Buffer.alloc(64));
  const pipe = objectName();
  execFileSync('mkfifo', [`/dev/shm/${pipe}`]);
  const keys = ['', '/', '.', '..', '/..', '../etc/passwd', '/../etc/passwd', '//etc/passwd', `${folder}/inner`];
  for (const key of [...keys, 'a\0b', 'x'.repeat(256), objectName(), link, folder, pipe]) {
    const { status, body } = await register('r', key, 8);
    assert.equal(status, 400, `${key}: ${JSON.stringify(body)}`);
    assert.match(body.error, /key: expected the name of an object|Unable to open shared memory region/);
  }
  assert.deepEqual((await get(`${base}/region/r/status`)).status, 404);
});

test('a region lies in its object when it is registered', { skip }, async () => {
  const key = sharedObject(64);
  for (const [bytes, offset] of [[65], [1, 64], [64, 1], [8, Number.MAX_SAFE_INTEGER]] as const) {
    const { status, body } = await register('r', key, bytes, offset);
    assert.equal(status, 400);
    assert.match(body.error, /has 64 bytes/);
  }
  const wrong: readonly object[] = [
    {},
    { key: 1, byte_size: 8 },
    { key },
    { key, byte_size: 0 },
    { key, byte_size: -1 },
    { key, byte_size: 1.5 },
    { key, byte_size: '8' },
    { key, byte_size: 8, offset: -8 },
  ];
  for (const body of wrong) {
    assert.equal((await post(`${base}/region/r/register`, body)).status, 400, JSON.stringify(body));
  }
  assert.equal((await post(`${base}/region/${'n'.repeat(256)}/register`, { key, byte_size: 8 })).status, 400);
});

test('an object that shrank or went away after it was registered is a 400, for inputs and outputs', {
  skip,
}, async () => {
  const { key, name } = await registered(16);
  const input = { inputs: [sharedInput(part(name, 8, 8))] };
  const output = {
    inputs: [{ name: 'x', shape: [1, 2], datatype: 'FP32', data: [1, 2] }],
    outputs: [{ name: 'y', parameters: part(name, 8, 8) }],
  };
  assert.equal((await infer('echo-fp32', input)).status, 200);
  truncateSync(`/dev/shm/${key}`, 12);
  for (const body of [input, output]) {
    const answer = await infer('echo-fp32', body);
    assert.equal(answer.status, 400);
    assert.match(
      answer.body.error,
      /put "[xy]": shared memory object '.*' has 12 bytes, bytes 8 to 16 of it are meant/,
    );
  }
  assert.equal(statSync(`/dev/shm/${key}`).size, 12, 'nothing was made longer');
  rmSync(`/dev/shm/${key}`);
  for (const body of [input, output]) {
    const answer = await infer('echo-fp32', body);
    assert.equal(answer.status, 400);
    assert.match(answer.body.error, /Unable to open shared memory region/);
  }
});

test('a link in the place of a registered object is not followed', { skip }, async () => {
  const outside = join(regionsFolder, 'secret');
  writeFileSync(outside, floats(1, 2));
  const { key, name } = await registered(8);
  rmSync(`/dev/shm/${key}`);
  symlinkSync(outside, `/dev/shm/${key}`);
  const { status, body } = await infer('echo-fp32', { inputs: [sharedInput(part(name, 8))] });
  assert.equal(status, 400);
  assert.match(body.error, /it is a link/);
});

test('what does not fit is said: parameters, sizes, regions', { skip }, async () => {
  const { name } = await registered(16);
  const wrong: readonly [parameters: object, message: RegExp][] = [
    [{ shared_memory_region: name }, /got only one of them/],
    [{ shared_memory_byte_size: 8 }, /got only one of them/],
    [{ shared_memory_offset: 8 }, /got only one of them/],
    [part(name, 8, 9), /has 16 bytes, bytes 9 to 17 of it are meant/],
    [part(name, 12), /needs 8 bytes, got 12/],
    [part('nobody', 8), /Unable to find system shared memory region: "nobody"/],
    [{ ...part(name, 8), shared_memory_offset: -1 }, /shared_memory_offset: expected a whole number/],
    [{ ...part(name, 8), binary_data_size: 8 }, /has both/],
  ];
  for (const [parameters, message] of wrong) {
    const { status, body } = await infer('echo-fp32', { inputs: [sharedInput(parameters)] });
    assert.equal(status, 400, JSON.stringify(parameters));
    assert.match(body.error, /^input "x"/);
    assert.match(body.error, message);
  }
  const both = await infer('echo-fp32', { inputs: [{ ...sharedInput(part(name, 8)), data: [1, 2] }] });
  assert.match(both.body.error, /has both/);
  const inputs = [{ name: 'x', shape: [1, 2], datatype: 'FP32', data: [1, 2] }];
  const small = await infer('echo-fp32', { inputs, outputs: [{ name: 'y', parameters: part(name, 4) }] });
  assert.equal(small.status, 400);
  assert.match(small.body.error, /output "y": shared memory size specified .* should be at least 8 bytes/);
});

test('a few bytes of JSON do not make the server read more than a body may bring', { skip }, async () => {
  const { name } = await registered(200_000);
  const rows = 200_000 / 8;
  const { status, body } = await infer('echo-fp32', { inputs: [sharedInput(part(name, 200_000), [rows, 2])] });
  assert.equal(status, 413);
  assert.match(body.error, /200000 bytes so far, a request may bring 100000/);
});

const elsewhere: readonly [string, Partial<InjectOptions>][] = [
  ['another machine', { remoteAddress: '10.1.2.3' }],
  ['a proxy', { headers: { 'x-forwarded-for': '127.0.0.1' } }],
  ["another site's page", { headers: { origin: 'http://evil.example' } }],
  ['a foreign host', { headers: { host: 'evil.example' } }],
];

for (const [who, others] of elsewhere) {
  test(`shared memory is refused to ${who}`, { skip }, async () => {
    const { name, key } = await registered(floats(1, 2));
    const { status, body } = await infer('echo-fp32', { inputs: [sharedInput(part(name, 8))] }, others);
    assert.equal(status, 403);
    assert.match(body.error, /^input "x": shared memory is for programs on the same machine/);
    const inputs = [{ name: 'x', shape: [1, 2], datatype: 'FP32', data: [8, 9] }];
    const output = { inputs, outputs: [{ name: 'y', parameters: part(name, 8) }] };
    assert.equal((await infer('echo-fp32', output, others)).status, 403);
    assert.deepEqual(contentOf(key), floats(1, 2));
    assert.equal((await infer('echo-fp32', { inputs }, others)).status, 200, 'everything else is answered');
    assert.equal((await post(`${base}/region/x/register`, { key, byte_size: 8 }, others)).status, 403);
    assert.equal((await post(`${base}/unregister`, {}, others)).status, 403);
    assert.equal((await get(`${base}/status`, others)).status, 403);
    assert.equal((await get(`${base}/region/${name}/status`)).status, 200);
  });
}

test('who may control models has no say in it: they are refused from elsewhere all the same', {
  skip,
}, async (context) => {
  const { app: open } = await startTestServer(context, { regionsFolder, access: { modelControl: true } });
  const url = `${base}/unregister`;
  assert.equal((await open.inject({ method: 'POST', url, remoteAddress: '10.1.2.3' })).statusCode, 403);
  const { app: closed } = await startTestServer(context, { regionsFolder, access: { modelControl: false } });
  assert.equal((await closed.inject({ method: 'POST', url: `${base}/region/x/unregister` })).statusCode, 200);
});

test('where it is not allowed, a request that names a region is told how to allow it', async (context) => {
  const { app: plain } = await startTestServer(context);
  const inputs = [{ name: 'x', shape: [1, 2], datatype: 'FP32', data: [1, 2] }];
  for (const body of [
    { inputs: [sharedInput(part('r', 8))] },
    { inputs, outputs: [{ name: 'y', parameters: part('r', 8) }] },
  ]) {
    const answer = await plain.inject({ method: 'POST', url: '/v2/models/echo-fp32/infer', payload: body });
    assert.equal(answer.statusCode, 501);
    assert.match(answer.body, /put \\"[xy]\\": .*--shared-memory/);
  }
});
