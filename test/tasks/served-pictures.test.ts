import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { projectRoot } from '../../tools/project-root.js';
import { everyModelServes } from '../support/quiet-state.js';
import { ServerProcess } from '../support/server-process.js';

/** Small models with what their frameworks answered; not a part of the project. */
const corpus = join(projectRoot(), '../shared/corpus/tasks');
const cases = [
  'det-yolos',
  'img-convnext-croppct',
  'img-timm',
  'img-vit',
  'yolo-end2end',
  'yolo-v5-like',
  'yolo-v8-like',
];
const skip = existsSync(corpus) ? false : `there is no ${corpus}`;

let server: ServerProcess;
let folder: string;

before(async () => {
  if (skip !== false) return;
  folder = mkdtempSync(join(tmpdir(), 'slipway-pictures-'));
  for (const name of cases) cpSync(join(corpus, name, 'repo'), join(folder, name), { recursive: true });
  server = await ServerProcess.start(['--models', folder]);
  await everyModelServes(server);
});

after(async () => {
  if (skip !== false) return;
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const picture = (name: string): Buffer => readFileSync(join(corpus, 'images', name));

async function predict(model: string, body: string | Buffer | FormData, type?: string) {
  const response = await fetch(`${server.origin}/v1/models/${model}/predict`, {
    method: 'POST',
    body,
    ...(type !== undefined && { headers: { 'content-type': type } }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: the body is whatever the server says
  return { status: response.status, body: (await response.json()) as any };
}

const instances = (...texts: string[]): string => JSON.stringify({ instances: texts.map((b64) => ({ b64 })) });

test('every picture of the corpus is answered as its framework did, alone, together and 16 at once', {
  skip,
}, async () => {
  // A GIF is not read, and Pillow makes a 16-bit grey picture white.
  const argv = [join(corpus, 'check.mjs'), corpus, server.origin, '--only', cases.join(), '--skip-tags', 'gif,16-bit'];
  const child = spawn(process.execPath, [...argv, '--forms', 'v1'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.on('data', (chunk) => {
    printed += chunk;
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 0, printed);
});

test('a picture is the body, a file of a form, base64 or a data: URI, and is answered alike', { skip }, async () => {
  const bytes = picture('yolo8-0.png');
  const b64 = bytes.toString('base64');
  const expected = await predict('yolo-v8-like', instances(b64));
  assert.equal(expected.status, 200);
  assert.deepEqual(Object.keys(expected.body.predictions[0]), ['detections', 'image']);
  assert.deepEqual(await predict('yolo-v8-like', bytes, 'image/png'), expected);
  assert.deepEqual(
    await predict('yolo-v8-like', JSON.stringify({ instances: [`data:image/png;base64,${b64}`] })),
    expected,
  );
  const form = new FormData();
  form.append('one', new Blob([bytes]), 'one.png');
  form.append('other', new Blob([picture('yolo8-1.jpg')]), 'other.jpg');
  const both = await predict('yolo-v8-like', form);
  assert.equal(both.body.predictions.length, 2);
  assert.deepEqual(both.body.predictions[0], expected.body.predictions[0]);
});

test('parameters of a form are those of the task', { skip }, async () => {
  const form = new FormData();
  form.append('picture', new Blob([picture('yolo8-0.png')]), 'a.png');
  form.append('maxDetections', '1');
  const { body } = await predict('yolo-v8-like', form);
  assert.equal(body.predictions[0].detections.length, 1);
});

test('the Open Inference Protocol takes the bytes as they are', { skip }, async () => {
  const bytes = picture('photo-420.jpg');
  const expected = await predict('img-vit', instances(bytes.toString('base64')));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  const head = JSON.stringify({
    inputs: [{ name: 'image', datatype: 'BYTES', shape: [1], parameters: { binary_data_size: bytes.length + 4 } }],
  });
  const response = await fetch(`${server.origin}/v2/models/img-vit/infer`, {
    method: 'POST',
    headers: { 'inference-header-content-length': String(head.length), 'content-type': 'application/octet-stream' },
    body: Buffer.concat([Buffer.from(head), length, bytes]),
  });
  const { outputs } = (await response.json()) as { outputs: { name: string; data: unknown[] }[] };
  assert.deepEqual(Object.fromEntries(outputs.map(({ name, data }) => [name, data[0]])), expected.body.predictions[0]);
});

test("the graph's own input is served as it is", { skip }, async () => {
  const pixels = Array.from({ length: 3 }, () => Array.from({ length: 64 }, () => new Array(64).fill(0)));
  const { status, body } = await predict('img-vit', JSON.stringify({ instances: [{ pixel_values: pixels }] }));
  assert.equal(status, 200);
  assert.equal(body.predictions[0].length, 6);
});

test('bad pictures are a 400 that says which one and why, and harm nobody beside them', { skip }, async () => {
  const good = instances(picture('photo-420.jpg').toString('base64'));
  const jpeg = picture('photo-420.jpg');
  const bad: readonly (readonly [body: string, says: RegExp])[] = [
    [instances(Buffer.from('not a picture').toString('base64')), /picture 0: expected a JPEG, PNG or WebP picture/],
    [instances(''), /picture 0: expected a JPEG, PNG or WebP picture, got no bytes/],
    [instances('?!'), /picture 0: expected the bytes of a picture in base64/],
    [instances(jpeg.subarray(0, 3000).toString('base64')), /picture 0: the picture cannot be decoded/],
    [
      instances(picture('gif.gif').toString('base64')),
      /expected a JPEG, PNG or WebP picture, got bytes that begin with 47/,
    ],
    [JSON.stringify({ instances: ['https://example.com/cat.jpg'] }), /pictures are not fetched from addresses/],
    [JSON.stringify({ instances: ['data:image/png,abc'] }), /expected a data: URI in base64/],
    [JSON.stringify({ instances: [7] }), /expected a string or \{"b64"/],
    [JSON.stringify({ instances: [] }), /expected one item or more/],
    [`{"instances":[{"b64":"${jpeg.toString('base64')}"}],"parameters":{"topk":1}}`, /did you mean "top_k"/],
  ];
  const answers = await Promise.all(bad.flatMap(([body]) => [predict('img-vit', body), predict('img-vit', good)]));
  const expected = await predict('img-vit', good);
  for (const [index, [, says]] of bad.entries()) {
    const { status, body } = answers[2 * index]!;
    assert.equal(status, 400, JSON.stringify(body));
    assert.match(body.error, says);
    assert.deepEqual(answers[2 * index + 1], expected);
  }
});

test('a picture for a model that takes none is a 400, other types of bodies a 415', { skip }, async () => {
  const { status, body } = await predict('img-vit', picture('gif.gif'), 'image/gif');
  assert.equal(status, 415, JSON.stringify(body));
});
