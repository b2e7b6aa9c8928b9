import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readShippedModels, type SampleCase, type SampleTensor } from '../models-shipped/shipped-models.js';
import { ServerProcess } from '../support/server-process.js';

let server: ServerProcess;
before(async () => {
  server = await (await ServerProcess.start()).ready();
});
after(() => server.stop());

const models = readShippedModels();

/** Nested arrays of a flat, row-major tensor. */
function nested({ shape, data }: Pick<SampleTensor, 'shape' | 'data'>): unknown {
  const [rows, ...rest] = shape;
  if (rows === undefined) return data[0];
  const width = data.length / rows;
  return Array.from({ length: rows }, (_, row) =>
    nested({ shape: rest, data: data.slice(row * width, (row + 1) * width) }),
  );
}

function assertClose(
  actual: unknown,
  expected: unknown,
  { absolute, relative }: SampleCase['tolerance'],
  where: string,
): void {
  if (Array.isArray(expected)) {
    assert.ok(Array.isArray(actual) && actual.length === expected.length, `${where}: ${JSON.stringify(actual)}`);
    for (const [index, value] of expected.entries()) {
      assertClose(actual[index], value, { absolute, relative }, `${where}[${index}]`);
    }
  } else if (typeof expected === 'number') {
    const close = typeof actual === 'number' && Math.abs(actual - expected) <= absolute + relative * Math.abs(expected);
    assert.ok(close, `${where}: ${actual} is not ${expected}`);
  } else assert.equal(actual, expected, where);
}

const cases = models.flatMap(({ name, cases: samples }) => samples.map((sample) => ({ name, sample })));

/** What the framework said about row `row`, as the row form prints it. */
function expectedRow({ expected }: SampleCase, row: number): unknown {
  const values = expected.map((output) => [output.name, (nested(output) as unknown[])[row]] as const);
  return values.length === 1 ? values[0]?.[1] : Object.fromEntries(values);
}

function assertRow(actual: unknown, expected: unknown, tolerance: SampleCase['tolerance'], where: string): void {
  if (typeof expected !== 'object' || Array.isArray(expected)) {
    assertClose(actual, expected, tolerance, where);
    return;
  }
  for (const [output, value] of Object.entries(expected as object)) {
    assertClose((actual as Record<string, unknown>)[output], value, tolerance, `${where}.${output}`);
  }
}

for (const { name, sample } of cases) {
  const [input] = sample.inputs as [SampleTensor];
  const rows = nested(input) as unknown[];
  const path = `/v1/models/${name}/versions/${sample.version}`;

  test(`${name}/${sample.version} answers rows as ${sample.framework} did`, async () => {
    const { status, body } = await server.post(`${path}/predict`, { instances: rows });
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.predictions.length, rows.length);
    for (const row of rows.keys()) {
      assertRow(body.predictions[row], expectedRow(sample, row), sample.tolerance, `row ${row}`);
    }
  });

  test(`${name}/${sample.version} answers one row, by name, the other spelling of predict`, async () => {
    const { body } = await server.post(`${path}:predict`, { instances: [{ [input.name]: rows[0] }] });
    assertRow(body.predictions?.[0], expectedRow(sample, 0), sample.tolerance, 'row 0');
  });

  test(`${name}/${sample.version} answers in columns`, async () => {
    const { body } = await server.post(`${path}/predict`, { inputs: { [input.name]: rows } });
    for (const output of sample.expected) {
      const column = sample.expected.length === 1 ? body.outputs : body.outputs[output.name];
      assertClose(column, nested(output), sample.tolerance, output.name);
    }
  });

  test(`${name}/${sample.version} answers the Open Inference Protocol`, async () => {
    const { status, body } = await server.post(`/v2/models/${name}/versions/${sample.version}/infer`, {
      id: 'one',
      inputs: [input],
      outputs: sample.expected.map((output) => ({ name: output.name })),
    });
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual([body.model_name, body.model_version, body.id], [name, String(sample.version), 'one']);
    for (const [index, output] of sample.expected.entries()) {
      const { datatype, shape, data } = body.outputs[index];
      assert.deepEqual({ datatype, shape }, { datatype: output.datatype, shape: output.shape });
      assertClose(data, output.data, sample.tolerance, output.name);
    }
  });

  test(`${name}/${sample.version} gives callers in a crowd the rows they sent`, async () => {
    const answers = rows.map((row) => server.post(`${path}/predict`, { instances: [row] }));
    for (const [row, { body }] of (await Promise.all(answers)).entries()) {
      assertRow(body.predictions?.[0], expectedRow(sample, row), sample.tolerance, `caller ${row}`);
    }
  });
}

test('every endpoint about models answers for every shipped model', async () => {
  const { body: list } = await server.get('/v1/models');
  assert.deepEqual(
    list.models.map((model: { name: string }) => model.name),
    [...models.map(({ name }) => name), 'shapes'].sort(),
  );
  for (const { name, versions } of models) {
    const paths = [
      `/v1/models/${name}`,
      `/v1/models/${name}/metadata`,
      `/v2/models/${name}`,
      `/v2/models/${name}/ready`,
      `/v2/models/${name}/config`,
      `/v2/models/${name}/stats`,
      ...versions.flatMap((version) => [
        `/v1/models/${name}/versions/${version}`,
        `/v2/models/${name}/versions/${version}`,
      ]),
    ];
    for (const path of paths) assert.equal((await server.get(path)).status, 200, path);
  }
  for (const path of ['/', '/v2', '/v2/health/live', '/v2/health/ready', '/v2/models/stats']) {
    assert.equal((await server.get(path)).status, 200, path);
  }
  const index = await server.post('/v2/repository/index', '');
  assert.equal(index.status, 200);
  assert.ok(index.body.every((entry: { state: string }) => entry.state === 'READY'));
});

test('a label leads to its version', async () => {
  const { body } = await server.get('/v1/models/iris/labels/stable');
  assert.equal(body.model_version_status[0].version, '1');
  const answer = await server.post('/v1/models/iris/labels/canary:predict', { instances: [[5.1, 3.5, 1.4, 0.2]] });
  assert.equal(answer.body.predictions[0].label, 'setosa');
});

test('the metrics count what was answered', async () => {
  const before = counted(await server.metrics());
  await server.post('/v1/models/iris/versions/1/predict', { instances: [[5.1, 3.5, 1.4, 0.2]] });
  await server.post('/v1/models/no-such-model/predict', { instances: [1] });
  const page = await server.metrics();
  assert.equal(counted(page), before + 1);
  assert.ok(!page.includes('no-such-model'));
});

const counted = (page: string): number =>
  Number(/slipway_requests_total\{model="iris",version="1",protocol="v1",code="OK"\} (\d+)/.exec(page)?.[1]);

test('a successful answer tells its times', async () => {
  const { headers } = await server.post(
    '/v1/models/iris/predict',
    { instances: [[5.1, 3.5, 1.4, 0.2]] },
    { 'x-request-id': 'mine' },
  );
  assert.match(headers.get('server-timing') ?? '', /queue;dur=[\d.]+, batch;dur=[\d.]+, compute;dur=[\d.]+/);
  assert.equal(headers.get('x-request-id'), 'mine');
});
