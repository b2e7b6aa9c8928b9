import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ElementType, GraphWriter } from '../../bench/recipes/graph-writer.js';
import { ModelFolder } from '../support/model-folder.js';
import { ServerProcess } from '../support/server-process.js';

const folder = new ModelFolder();
let server: ServerProcess;

/** `y` is `factor` times FP32[batch, 2]; `total`, where wanted, the sum of all of `y`. */
function scaling(factor: number, { hasTotal = false, opset = 17 } = {}): Uint8Array {
  const graph = new GraphWriter(1);
  const x = graph.input('x', ElementType.FLOAT, ['batch', 2]);
  graph.node('Mul', [x, graph.floats([factor], [])], { outputs: ['y'] });
  if (hasTotal) {
    graph.node('ReduceSum', ['y'], { attributes: { keepdims: 0 }, outputs: ['total'] });
    graph.output('total', ElementType.FLOAT, []);
    graph.node('NonZero', ['y'], { outputs: ['places'] });
    graph.output('places', ElementType.INT64, [2, 'count']);
  }
  graph.output('y', ElementType.FLOAT, ['batch', 2]);
  return graph.finish('scaling', opset);
}

/** As Hugging Face's decoders: what came before is laid in front of what comes now, under a mask that covers both. */
function decoder(): Uint8Array {
  const graph = new GraphWriter(1);
  const ids = graph.input('input_ids', ElementType.INT64, ['batch', 'sequence']);
  const mask = graph.input('attention_mask', ElementType.INT64, ['batch', 'past + sequence']);
  const past = graph.input('past', ElementType.FLOAT, ['batch', 'past', 2]);
  const values = graph.node('Unsqueeze', [
    graph.node('Cast', [ids], { attributes: { to: ElementType.FLOAT } }),
    graph.integers([2]),
  ]);
  const pairs = graph.node('Concat', [values, values], { attributes: { axis: 2 } });
  graph.node('Concat', [past, pairs], { attributes: { axis: 1 }, outputs: ['present'] });
  const kept = graph.node('Cast', [mask], { attributes: { to: ElementType.FLOAT } });
  const masked = graph.node('Mul', ['present', graph.node('Unsqueeze', [kept, graph.integers([2])])]);
  graph.node('ReduceSum', [masked, graph.integers([1])], { attributes: { keepdims: 0 }, outputs: ['logits'] });
  graph.output('logits', ElementType.FLOAT, ['batch', 2]);
  graph.output('present', ElementType.FLOAT, ['batch', 'past + sequence', 2]);
  return graph.finish('decoder');
}

before(async () => {
  folder.write(scaling(2), 'flat/onnx/model.onnx');
  folder.write('{}', 'flat/config.json');
  folder.write(scaling(3), 'variant/onnx/model.onnx');
  folder.write(scaling(5), 'variant/onnx/model_quantized.onnx');
  folder.write('{"variant": "quantized"}', 'variant/model.json');
  folder.write(scaling(7), 'chosen/4/deep/er/net.onnx');
  folder.write('{"file": "deep/er/net.onnx"}', 'chosen/model.json');
  folder.write(scaling(11), 'triton/1/model.onnx/model.onnx');
  folder.write(scaling(13), 'LARGE.ONNX');
  folder.write(scaling(17, { opset: 28 }), 'newer/1/model.onnx');
  folder.write(scaling(19, { hasTotal: true }), 'one-output/1/model.onnx');
  folder.write('{"outputs": ["y"]}', 'one-output/model.json');
  folder.write(scaling(23, { hasTotal: true }), 'turned/1/model.onnx');
  folder.write('{"outputs": ["y", "total"]}', 'turned/model.json');
  folder.write(scaling(29), 'mistyped/1/model.onnx');
  folder.write('{"outputs": ["z"]}', 'mistyped/model.json');
  folder.write(decoder(), 'decoder/1/model.onnx');
  folder.write('a pickle', 'weights.pt');
  writeTritonModels();
  server = await ServerProcess.start(['--models', folder.path]);
  await server.ready();
});

/** As they lie in repositories of Triton. */
function writeTritonModels(): void {
  folder.write(scaling(31), 'labelled/1/model.onnx');
  folder.write('left\nright\n', 'labelled/sides.txt');
  folder.write(
    `name: "labelled" backend: "onnxruntime" max_batch_size: 8
    input [ { name: "x" data_type: TYPE_FP32 dims: [ 2 ] } ]
    output [ { name: "y" data_type: TYPE_FP32 dims: [ 2 ] label_filename: "sides.txt" } ]
    optimization { graph { level: 1 } }`,
    'labelled/config.pbtxt',
  );
  const flat = new GraphWriter(1);
  flat.node('Mul', [flat.input('x', ElementType.FLOAT, ['n']), flat.floats([37], [])], { outputs: ['y'] });
  flat.output('y', ElementType.FLOAT, ['n']);
  folder.write(flat.finish('flat'), 'reshaped/1/model.onnx');
  const column = 'data_type: TYPE_FP32 dims: [ 1 ] reshape { shape: [] }';
  folder.write(
    `max_batch_size: 8 input { name: "x" ${column} } output { name: "y" ${column} }`,
    'reshaped/config.pbtxt',
  );
  folder.write(scaling(41), 'alone/1/model.onnx');
  folder.write('max_batch_size: 0 input { name: "x" dims: [ -1, 2 ] }', 'alone/config.pbtxt');
  folder.write(scaling(43), 'contradicted/1/model.onnx');
  folder.write('max_batch_size: 8 input { name: "x" dims: [ 3 ] }', 'contradicted/config.pbtxt');
  folder.write(scaling(47), 'broken/1/model.onnx');
  folder.write('max_batch_size: 8\ninput [ { name: "x" }', 'broken/config.pbtxt');
}

after(async () => {
  await server?.stop();
  folder.remove();
});

/** Once the proof is done, which goes on after the model serves. */
const isBatched = (model: string): Promise<void> =>
  server.until(
    async () => (await server.get(`/v2/models/${model}/config`)).body.max_batch_size > 1,
    `batching ${model}`,
  );

for (const [model, factor] of Object.entries({ flat: 2, variant: 5, chosen: 7, triton: 11, LARGE: 13, newer: 17 })) {
  test(`${model} is served from the right file`, async () => {
    const { status, body } = await server.post(`/v1/models/${model}:predict`, { instances: [[1, 2]] });
    assert.deepEqual([status, body.predictions], [200, [[factor, 2 * factor]]]);
  });
}

test('outputs that are not to be served do not keep requests from sharing runs', async () => {
  const { body } = await server.post('/v2/models/one-output/infer', {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 2] }],
  });
  assert.deepEqual(
    body.outputs.map(({ name, data }: { name: string; data: number[] }) => [name, data]),
    [['y', [19, 38]]],
  );
  await isBatched('one-output');
});

test('outputs come in the order that the settings give them', async () => {
  const { body } = await server.get('/v2/models/turned');
  assert.deepEqual(
    body.outputs.map(({ name }: { name: string }) => name),
    ['y', 'total'],
  );
});

test('an output that the model does not have fails the version, with the ones that it has', async () => {
  const { body } = await server.get('/v1/models/mistyped');
  const { error_message: message } = body.model_version_status[0].status;
  assert.match(message, /names the output "z", which the model does not have/);
});

test('a decoder whose mask is as long as past and present together is tried out and batched', async () => {
  await isBatched('decoder');
  const first = await server.post('/v2/models/decoder/infer', {
    inputs: [
      { name: 'input_ids', datatype: 'INT64', shape: [1, 2], data: [4, 5] },
      { name: 'attention_mask', datatype: 'INT64', shape: [1, 2], data: [0, 1] },
      { name: 'past', datatype: 'FP32', shape: [1, 0, 2], data: [] },
    ],
  });
  assert.deepEqual(first.body.outputs?.[0]?.data, [5, 5], JSON.stringify(first.body));
});

test('the log names what a file is that is no model', () => {
  assert.ok(server.log.some(({ msg }) => msg.includes('weights.pt is left out; it is a PyTorch file')));
});

test('labels of config.pbtxt name the classes, and what it says beyond is named in the log', async () => {
  const { body } = await server.post('/v2/models/labelled/infer', {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [1, 2] }],
    outputs: [{ name: 'y', parameters: { classification: 1 } }],
  });
  assert.match(body.outputs[0].data[0], /^62(\.0+)?:1:right$/);
  assert.ok(server.log.some(({ msg }) => msg === 'labelled: config.pbtxt: not honoured: optimization'));
});

test('a tensor is served in the shape that config.pbtxt gives it, also beside other requests', async () => {
  const ask = async (rows: number) => {
    const data = Array.from({ length: rows }, (_, row) => row);
    const inputs = [{ name: 'x', datatype: 'FP32', shape: [rows, 1], data }];
    const { body } = await server.post('/v2/models/reshaped/infer', { inputs });
    assert.deepEqual(body.outputs?.[0]?.shape, [rows, 1], JSON.stringify(body));
    assert.deepEqual(
      body.outputs[0].data,
      data.map((value) => 37 * value),
    );
  };
  await Promise.all([1, 2, 3, 1, 5, 1, 1, 2].map(ask));
  const { body } = await server.get('/v2/models/reshaped');
  assert.deepEqual(body.inputs[0].shape, [-1, 1]);
});

test('with a max_batch_size of 0 requests run alone, with their whole shape', async () => {
  const { body } = await server.post('/v2/models/alone/infer', {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [2, 2], data: [1, 2, 3, 4] }],
  });
  assert.deepEqual(body.outputs[0].data, [41, 82, 123, 164]);
  assert.equal((await server.get('/v2/models/alone/config')).body.max_batch_size, 0);
});

test('a config.pbtxt that is broken or contradicts the model is the reason that is given', async () => {
  const reasonOf = async (model: string): Promise<string> => {
    const { body } = await server.post('/v2/repository/index', {});
    return body.find(({ name }: { name: string }) => name === model).reason;
  };
  assert.match(
    await reasonOf('broken'),
    /^config.pbtxt: expected "," or "]", got the end of the file at line 2, column 22$/,
  );
  assert.match(
    await reasonOf('contradicted'),
    /config.pbtxt declares input "x" as \[\?, 3\], .* the model has FP32\[batch, 2\]/,
  );
});
