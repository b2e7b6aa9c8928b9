import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { pino } from 'pino';
import { ElementType, GraphWriter } from '../../bench/recipes/graph-writer.js';
import { loadConfig } from '../../src/config/load-config.js';
import { Service } from '../../src/service.js';
import { ModelFolder } from '../support/model-folder.js';
import { answeredRows } from './answered-rows.js';
import { namedClasses } from './named-classes.js';

/** Gives its three inputs back as scores, each less the next one. */
function colourModel(): Uint8Array {
  const graph = new GraphWriter(1);
  const x = graph.input('x', ElementType.FLOAT, ['batch', 3]);
  const weights = graph.floats([1, -0.5, -0.5, -0.5, 1, -0.5, -0.5, -0.5, 1], [3, 3]);
  graph.output(graph.node('MatMul', [x, weights], { outputs: ['scores'] }), ElementType.FLOAT, ['batch', 3]);
  return graph.finish('colours');
}

const folder = new ModelFolder();
let service: Service;
let origin: string;
before(async () => {
  folder.write(colourModel(), 'colours/1/model.onnx');
  folder.write(JSON.stringify({ classLabels: { scores: ['red', 'green', 'blue'] } }), 'colours/model.json');
  folder.write(colourModel(), 'plain.onnx');
  const config = loadConfig({
    argv: ['--models', folder.path, '--host', '127.0.0.1', '--port', '0'],
    env: {},
    cwd: folder.path,
  });
  service = new Service({
    config,
    logger: pino({ level: 'silent' }),
    version: 'test',
    layers: [namedClasses],
    metrics: [answeredRows],
  });
  origin = await service.start();
  await service.reconciled();
});
after(async () => {
  await service.stop();
  folder.remove();
});

async function ask(path: string, body?: object): Promise<{ status: number; body: unknown }> {
  const response = await fetch(
    `${origin}${path}`,
    body && { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } },
  );
  return { status: response.status, body: await response.json() };
}

const fields = async (path: string, ...names: string[]): Promise<unknown> => {
  const { body } = await ask(path);
  return names.reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], body);
};

test('callers send what the step takes and get what it gives, in rows and in tensors', async () => {
  const { body: rows } = await ask('/v1/models/colours/predict', {
    instances: [
      [255, 0, 10],
      [9, 8, 200],
    ],
  });
  assert.deepEqual(rows, { predictions: ['red', 'blue'] });
  const inputs = [{ name: 'bytes', datatype: 'UINT8', shape: [1, 3], data: [0, 255, 0] }];
  const { body: tensors } = await ask('/v2/models/colours/infer', { inputs });
  assert.deepEqual((tensors as { outputs: unknown }).outputs, [
    { name: 'class', datatype: 'BYTES', shape: [1], data: ['green'] },
  ]);
});

test('metadata names the tensors that callers know', async () => {
  assert.deepEqual(await fields('/v2/models/colours', 'inputs'), [
    { name: 'bytes', datatype: 'UINT8', shape: [-1, 3] },
  ]);
  assert.deepEqual(await fields('/v2/models/colours', 'outputs'), [{ name: 'class', datatype: 'BYTES', shape: [-1] }]);
});

test('what the step refuses is the caller’s fault, said in the caller’s words', async () => {
  const inputs = [{ name: 'bytes', datatype: 'UINT8', shape: [1, 2], data: [1, 2] }];
  const { status, body } = await ask('/v2/models/colours/infer', { inputs });
  assert.equal(status, 400);
  assert.match((body as { error: string }).error, /input "bytes": expected 3 in dimension 1, got 2/);
  const scores = [{ name: 'x', datatype: 'FP32', shape: [1, 3], data: [1, 0, 0] }];
  assert.equal((await ask('/v2/models/colours/infer', { inputs: scores })).status, 400);
});

test('callers of one moment share runs behind the step, and each gets its own', async () => {
  const answers = await Promise.all(
    Array.from({ length: 24 }, (_, index) => {
      const row = [0, 0, 0].with(index % 3, 255);
      return ask('/v1/models/colours/predict', { instances: [row] });
    }),
  );
  assert.deepEqual(
    answers.map(({ body }) => (body as { predictions: string[] }).predictions[0]),
    Array.from({ length: 24 }, (_, index) => ['red', 'green', 'blue'][index % 3]),
  );
});

test('a model that has no need of the step is served as it is', async () => {
  const { body } = await ask('/v1/models/plain/predict', { instances: [[1, 0, 0]] });
  assert.deepEqual(body, { predictions: [[1, -0.5, -0.5]] });
});

test('statistics count what callers asked, whatever lies between', async () => {
  const stats = (await fields('/v2/models/colours/stats', 'model_stats')) as {
    inference_stats: { success: { count: number }; fail: { count: number } };
  }[];
  const { success, fail } = stats[0]?.inference_stats ?? {};
  assert.deepEqual([success?.count, fail?.count], [26, 1]);
});

test('the added metric is on the page, with what was counted', async () => {
  const page = await (await fetch(`${origin}/metrics`)).text();
  assert.match(page, /^# HELP example_answered_rows_total Rows of requests that were answered, by protocol\.$/m);
  assert.match(page, /^example_answered_rows_total\{protocol="v1"\} 27$/m);
  assert.match(page, /^example_answered_rows_total\{protocol="v2"\} 1$/m);
});
