import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import sharp from 'sharp';
import { ElementType, GraphWriter } from '../../bench/recipes/graph-writer.js';
import { GRPCInferenceService } from '../../src/protocols/grpc/schema/open_inference_pb.js';
import { claimedPicture } from '../preparation/claimed-picture.js';
import { GrpcClient } from '../protocols/grpc/grpc-client.js';
import { ModelFolder } from '../support/model-folder.js';
import { isNearlySame } from '../support/nearly-same.js';
import { pictureConfigs, pictureGraph, writePictureModel } from '../support/picture-models.js';
import { commandLine, hasMapped } from '../support/process-state.js';
import { everyModelServes } from '../support/quiet-state.js';
import { type JsonResponse, ServerProcess } from '../support/server-process.js';

const red = sharp({ create: { width: 12, height: 6, channels: 3, background: { r: 250, g: 10, b: 10 } } });
const pictures = {
  png: await red.clone().png().toBuffer(),
  jpeg: await red.clone().jpeg().toBuffer(),
  webp: await red.clone().webp().toBuffer(),
  palette: await red.clone().png({ palette: true }).toBuffer(),
  cmyk: await red.clone().toColourspace('cmyk').jpeg().toBuffer(),
  sixteen: await red.clone().toColourspace('rgb16').png().toBuffer(),
  alpha: await red.clone().ensureAlpha(0).png().toBuffer(),
  turned: await red.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
  gif: await red.clone().gif().toBuffer(),
  tiff: await red.clone().tiff().toBuffer(),
  large: await red.clone().resize(900, 900).png().toBuffer(),
};

/** How dark each half of a grey picture of 8 by 8 is, from 0 to 16: [batch, 8, 8] → [batch, 2]. */
function greyGraph(): Uint8Array {
  const graph = new GraphWriter(1);
  const image = graph.input('image', ElementType.FLOAT, ['batch', 8, 8]);
  const rows = graph.node('ReduceMean', [image], { attributes: { axes: { ints: [2] }, keepdims: 0 } });
  const halves = Array.from({ length: 16 }, (_, at) => ((at >> 1 < 4 ? 0 : 1) === at % 2 ? 0.25 : 0));
  graph.node('MatMul', [rows, graph.floats(halves, [8, 2])], { outputs: ['darkness'] });
  graph.output('darkness', ElementType.FLOAT, ['batch', 2]);
  return graph.finish('grey');
}

const greySettings = {
  task: { type: 'image-classification', labels: ['above', 'below'], output: 'darkness', scores: 'none' },
  image: {
    resize: { mode: 'stretch', width: 8, height: 8, filter: 'box' },
    scale: -16 / 255,
    mean: [-16],
    std: [1],
  },
};

const folder = new ModelFolder();
let server: ServerProcess;

before(async () => {
  for (const kind of ['classifier', 'detector'] as const) writePictureModel(folder, kind);
  folder.write(JSON.stringify(pictureConfigs.classifier), 'half/config.json');
  folder.write(pictureGraph('classifier'), 'half/onnx/model.onnx');
  // Its input is called as the task's is, and all that is said of its pictures stands in model.json.
  folder.write(greyGraph(), 'grey/1/model.onnx');
  folder.write(JSON.stringify(greySettings), 'grey/model.json');
  server = await ServerProcess.start(['--models', folder.path, '--grpc-port', '0']);
  await everyModelServes(server);
});
after(async () => {
  await server?.stop();
  folder.remove();
});

async function post(path: string, body: Buffer | FormData | object, type?: string): Promise<JsonResponse> {
  const response = await fetch(server.origin + path, {
    method: 'POST',
    body: Buffer.isBuffer(body) || body instanceof FormData ? body : JSON.stringify(body),
    ...(type !== undefined && { headers: { 'content-type': type } }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}
const base64 = (bytes: Buffer): string => bytes.toString('base64');
const sent = (bytes: Buffer): object => ({ instances: [{ b64: base64(bytes) }] });
const labelOf = async (bytes: Buffer): Promise<string> => {
  const { status, body } = await post('/v1/models/classifier/predict', sent(bytes));
  assert.equal(status, 200, JSON.stringify(body));
  return body.predictions[0].label;
};

test('pictures of one colour: grey before it is made smaller, for a graph that takes no others', async () => {
  // Red above and white below; the luminance of (250, 10, 10) is 82.
  const raw = Buffer.alloc(16 * 16 * 3, 255);
  for (let at = 0; at < 16 * 8 * 3; at += 3) raw.set([250, 10, 10], at);
  const picture = await sharp(raw, { raw: { width: 16, height: 16, channels: 3 } })
    .png()
    .toBuffer();
  const { predictions } = (
    await post('/v1/models/grey/predict', { instances: [{ b64: base64(picture) }], parameters: { top_k: 2 } })
  ).body;
  const expected = { label: ['above', 'below'], score: [16 - (16 / 255) * 82, 0] };
  assert.ok(isNearlySame(predictions, [expected]), JSON.stringify(predictions));
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server says
  const metadata = (await (await fetch(`${server.origin}/v2/models/grey`)).json()) as any;
  const { model_json: said } = metadata.properties.task;
  assert.deepEqual([said.image.color, said.image.layout], ['grey', 'NHW']);
});

test('where the graph has an input of the same name, numbers are meant for it, by every protocol', async (context) => {
  const rows = Array.from({ length: 8 }, (_, row) => new Array(8).fill(row < 4 ? 3 : 5));
  const answer = { predictions: [[3, 5]] };
  assert.deepEqual((await post('/v1/models/grey/predict', { instances: [rows] })).body, answer);
  assert.deepEqual((await post('/v1/models/grey/predict', { instances: [{ image: rows }] })).body, answer);
  assert.deepEqual((await post('/v1/models/grey/predict', { inputs: { image: [rows] } })).body, { outputs: [[3, 5]] });
  const tensor = { name: 'image', datatype: 'FP32', shape: [1, 8, 8], data: rows.flat() };
  const { outputs } = (await post('/v2/models/grey/infer', { inputs: [tensor] })).body;
  assert.deepEqual(outputs[0].data, [3, 5]);

  const client = new GrpcClient(server.log.find(({ grpc }) => grpc !== undefined)?.grpc as string);
  context.after(() => client.close());
  const infer = async (input: object) =>
    (await client.ask(GRPCInferenceService.method.modelInfer, { modelName: 'grey', inputs: [input] })).message;
  const contents = { fp32Contents: rows.flat() };
  const ofGraph = await infer({ name: 'image', datatype: 'FP32', shape: [1n, 8n, 8n], contents });
  assert.deepEqual(
    ofGraph?.outputs.map(({ name }) => name),
    ['darkness'],
  );
  const bytes = { bytesContents: [pictures.png] };
  const ofTask = await infer({ name: 'image', datatype: 'BYTES', shape: [1n], contents: bytes });
  assert.deepEqual(
    ofTask?.outputs.map(({ name }) => name),
    ['label', 'score'],
  );
});

for (const kind of ['png', 'jpeg', 'webp', 'palette', 'cmyk', 'sixteen', 'alpha', 'turned'] as const)
  test(`what a picture shows is seen: ${kind}`, async () => {
    assert.equal(await labelOf(pictures[kind]), 'red');
  });

test("the hub's clients get labels of a picture, the best first, in one list", async () => {
  const raw = await post('/hf/classifier', pictures.png, 'image/png');
  assert.deepEqual(
    raw.body.map(({ label }: { label: string }) => label),
    ['red', 'green', 'blue'],
  );
  const forms = {
    b64: await post('/hf/classifier', { inputs: base64(pictures.png) }),
    bytes: await post('/hf/classifier', pictures.png, 'application/octet-stream'),
    untyped: await post('/hf/classifier', pictures.png),
    uri: await post('/hf/classifier', { inputs: `data:image/png;base64,${base64(pictures.png)}` }),
  };
  for (const [form, { body }] of Object.entries(forms)) {
    assert.ok(isNearlySame(body, raw.body), `${form}: ${JSON.stringify(body)}`);
  }
  const best = await post('/hf/classifier', { inputs: [base64(pictures.png)], parameters: { top_k: 1 } });
  assert.ok(isNearlySame(best.body, [raw.body.slice(0, 1)]), JSON.stringify(best.body));
});

test("the hub's clients get boxes in whole pixels of the picture as it is seen", async () => {
  const raw = await post('/hf/detector', pictures.turned, 'image/jpeg');
  assert.deepEqual(Object.keys(raw.body[0]), ['label', 'score', 'box']);
  // It lies 12 wide and 6 high in the file.
  assert.deepEqual([raw.body[0].label, raw.body[0].box], ['red', { xmin: 1, ymin: 4, xmax: 4, ymax: 7 }]);
  const { body } = await post('/v1/models/detector/predict', pictures.turned, 'image/jpeg');
  assert.deepEqual(body.predictions[0].image, { width: 6, height: 12 });
  assert.deepEqual(body.predictions[0].detections[0].box, { xmin: 1.5, ymin: 4.5, xmax: 4.5, ymax: 7.5 });
  const sure = await post('/hf/detector', { inputs: base64(pictures.png), parameters: { threshold: 1 } });
  assert.deepEqual(sure.body, []);
  const form = new FormData();
  form.append('first', new Blob([pictures.png]), 'a.png');
  form.append('second', new Blob([pictures.jpeg]), 'b.jpg');
  assert.equal((await post('/hf/detector', form)).body.length, 2);
});

test('half a folder turns the task off, and says what mends it', async () => {
  const pixels = Array.from({ length: 3 }, () => Array.from({ length: 8 }, () => new Array(8).fill(1)));
  const raw = await post('/v1/models/half/predict', { instances: [{ pixel_values: pixels }] });
  assert.deepEqual(raw.body, { predictions: [[10, 10, 10]] });
  assert.equal((await post('/hf/half', { inputs: base64(pictures.png) })).status, 400);
});

test('what decodes pictures is loaded by the processes that prepare them, and by no other', () => {
  const loaded = server.descendants().filter((pid) => hasMapped(pid, 'libvips'));
  assert.ok(loaded.length > 0);
  for (const pid of loaded) assert.match(commandLine(pid).join(' '), /preparation/);
  assert.equal(hasMapped(server.child.pid as number, 'libvips'), false);
});

test('processes that are ended while they decode cost no caller anything', async () => {
  const calls = Array.from({ length: 6 }, () => labelOf(pictures.large));
  const ended = server.descendants().filter((pid) => commandLine(pid).join(' ').includes('preparation'));
  assert.ok(ended.length > 0);
  for (const pid of ended) process.kill(pid, 'SIGKILL');
  assert.deepEqual(new Set(await Promise.all(calls)), new Set(['red']));
});

describe('what is wrong with a picture is said with a 400, and others are served', () => {
  const cut = (bytes: Buffer, part: number) => bytes.subarray(0, Math.floor(bytes.length * part));
  const expectation = /picture 0: expected a JPEG, PNG or WebP picture/;
  const cases: readonly (readonly [what: string, bytes: Buffer, says: RegExp])[] = [
    ['no picture', Buffer.from('a text'), expectation],
    ['no bytes', Buffer.alloc(0), /got no bytes/],
    ['a GIF', pictures.gif, expectation],
    ['a TIFF', pictures.tiff, expectation],
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>'), expectation],
    ['a truncated JPEG', cut(pictures.jpeg, 0.6), /the picture cannot be decoded/],
    ['a truncated PNG', cut(pictures.png, 0.6), /the picture cannot be decoded/],
    ['a truncated WebP', cut(pictures.webp, 0.6), /the picture cannot be decoded/],
    ['20,000 × 20,000', claimedPicture(20_000), /more than 50000000 pixels; send a smaller one/],
    ['a bomb: 100 KB that become 100 MB', claimedPicture(20_000, 1e8), /more than 50000000 pixels/],
  ];
  for (const [what, bytes, says] of cases)
    test(what, async () => {
      const [wrong, hub, right] = await Promise.all([
        post('/v1/models/classifier/predict', sent(bytes)),
        post('/hf/classifier', bytes, 'image/png'),
        labelOf(pictures.png),
      ]);
      for (const { status, body } of [wrong, hub]) {
        assert.equal(status, 400, JSON.stringify(body));
        assert.match(body.error, says);
      }
      assert.equal(right, 'red');
    });

  const bodies: readonly (readonly [what: string, path: string, body: object, says: RegExp])[] = [
    ['wrong base64', '/hf/classifier', { inputs: '%%%' }, /picture 0: expected the bytes of a picture in base64/],
    ['an address', '/hf/classifier', { inputs: 'https://example.com/a.png' }, /are not fetched from addresses/],
    ['a number', '/hf/classifier', { inputs: [1] }, /inputs\[0\]: expected a picture in base64, got 1/],
    ['nothing', '/hf/classifier', {}, /inputs: expected a picture in base64/],
    ['an empty list', '/hf/classifier', { inputs: [] }, /expected one picture or more, got none/],
    ['too many', '/hf/classifier', { inputs: new Array(257).fill('') }, /expected up to 256 pictures, got 257/],
    ['an unknown parameter', '/hf/detector', { inputs: '', parameters: { treshold: 1 } }, /did you mean "threshold"/],
    ['an unknown class', '/hf/detector', { inputs: '', parameters: { classes: ['pink'] } }, /knows no "pink"/],
  ];
  for (const [what, path, body, says] of bodies)
    test(what, async () => {
      const { status, body: answer } = await post(path, body);
      assert.equal(status, 400, JSON.stringify(answer));
      assert.match(answer.error, says);
    });

  test('a body that calls itself something else is told what is read', async () => {
    for (const path of ['/v1/models/classifier/predict', '/hf/classifier']) {
      const { status, body } = await post(path, pictures.gif, 'image/gif');
      assert.equal(status, 415);
      assert.match(body.error, /pictures are image\/jpeg, image\/png, image\/webp, or files of multipart\/form-data/);
    }
  });
});
