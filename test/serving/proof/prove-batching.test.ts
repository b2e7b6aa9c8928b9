import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RowFacts } from '../../../src/core/model-source.js';
import { ProcessFailure } from '../../../src/core/process-failure.js';
import { responseTooLarge, ServingError } from '../../../src/core/serving-error.js';
import { dataBytes, type NamedTensor } from '../../../src/core/tensor.js';
import type { ModelSignature } from '../../../src/core/tensor-spec.js';
import { firstRun, untriedBatching } from '../../../src/serving/proof/first-run.js';
import { plannedBatching } from '../../../src/serving/proof/plan-batching.js';
import { proveBatching } from '../../../src/serving/proof/prove-batching.js';
import { runsOn } from '../../../src/serving/proof/run-inputs.js';
import { type Compute, ComputingGroup } from '../computing-group.js';
import { config, signature, spec } from '../signatures.js';

const tryModel = (model: ModelSignature, compute: Compute) => tryOn(new ComputingGroup(compute), model);

const noFacts: RowFacts = { problems: new Map(), constants: new Set(), rowwise: new Set(), limits: new Map() };

async function tryOn(
  group: ComputingGroup,
  model: ModelSignature,
  rowFacts = noFacts,
  responseLimitBytes = Number.POSITIVE_INFINITY,
) {
  const run = runsOn(group, model, 1000);
  const planned = plannedBatching(model, config);
  const { recipe, trialFailure } = await firstRun({ run, signature: model, planned, limits: rowFacts.limits });
  if (recipe === undefined) return { batching: untriedBatching({ planned, trialFailure }), recipe };
  const measure = async (): Promise<number> => 64;
  const batching = await proveBatching({
    run,
    signature: model,
    planned,
    recipe,
    rowFacts,
    measure,
    responseLimitBytes,
  });
  return { batching, recipe };
}

const rowwise = signature([spec('x', ['n', 2])], [spec('y', ['n', 2])]);

/** One of two, for each row. */
const labels = ({ data }: NamedTensor, rows: number): BigInt64Array =>
  BigInt64Array.from({ length: rows }, (_, row) => BigInt(Number(data[2 * row]) > 0));

const mapped =
  (change: (values: Float32Array) => Float32Array): Compute =>
  ([x]) => [{ ...(x as NamedTensor), name: 'y', data: change((x as NamedTensor).data as Float32Array) }];

test('a model whose rows are independent is batched', async () => {
  const { batching } = await tryModel(
    rowwise,
    mapped((values) => values.map((value) => value * 3)),
  );
  assert.equal(batching.kind, 'dynamic');
});

for (const [rowsInAnswer, batching] of [
  [4, { kind: 'dynamic', maxBatchSize: 4 }],
  [2, { kind: 'dynamic', maxBatchSize: 2 }],
  [
    1,
    {
      kind: 'none',
      reason:
        'whether its rows are independent could not be tried out: the answer is too large: its tensors are 16 bytes, and this server lets one answer be 8 bytes; ask for fewer rows or fewer outputs at a time, or raise its responseLimitBytes',
    },
  ],
] as const) {
  test(`where an answer has room for ${rowsInAnswer} rows, no made-up run and no batch has more`, async () => {
    const limit = rowsInAnswer * 8;
    const triple = mapped((values) => values.map((value) => value * 3));
    const group = new ComputingGroup((inputs, ...rest) => {
      const bytes = dataBytes((inputs[0] as NamedTensor).data);
      if (bytes > limit) throw responseTooLarge(`its tensors are ${bytes} bytes`, limit);
      return triple(inputs, ...rest);
    });
    assert.deepEqual((await tryOn(group, rowwise, noFacts, limit)).batching, batching);
  });
}

test('a model that mixes rows is not, and the reason names the output', async () => {
  const { batching } = await tryModel(
    rowwise,
    mapped((values) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return values.map((value) => value - mean);
    }),
  );
  assert.deepEqual(batching, {
    kind: 'none',
    reason: 'output "y" of a row changes with the rows beside it, or from run to run',
    axes: { inputs: new Map([['x', 0]]), outputs: new Map([['y', 0]]) },
  });
});

for (const [what, change] of Object.entries({
  'only rows beyond the fortieth are': (values: Float32Array) =>
    values.map((value, at) => (at < 80 ? value : value + 1)),
  'only far values reach their neighbours': (values: Float32Array) => {
    const far = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return far > 1000 ? values.map((value) => value + far) : values;
  },
  'only the fifth of those above zero is': (values: Float32Array) => {
    let count = 0;
    return values.map((value) => (value > 0 && ++count > 9 ? 0 : value));
  },
  'equal rows see each other': (values: Float32Array) =>
    values.map((value, at) => value + values.filter((other, place) => place % 2 === at % 2 && other === value).length),
})) {
  test(`a model that mixes rows is found out where ${what}`, async () => {
    assert.equal((await tryModel(rowwise, mapped(change))).batching.kind, 'none');
  });
}

test('no run is larger than the largest that was compared', async () => {
  const group = new ComputingGroup(mapped((values) => values));
  const { batching } = await tryOn(group, rowwise);
  assert.deepEqual(batching, { kind: 'dynamic', maxBatchSize: 64 });
  assert.equal(Math.max(...group.sizes), 64);
});

test('rows that lie along another axis are found there', async () => {
  const model = signature([spec('x', ['time', 'batch', 2])], [spec('y', ['time', 'batch', 2])]);
  const { batching } = await tryModel(
    model,
    mapped((values) => values.map((value) => 2 * value)),
  );
  assert.deepEqual(batching.axes, { inputs: new Map([['x', 1]]), outputs: new Map([['y', 1]]) });
  assert.equal(batching.kind, 'dynamic');
});

test('integers that can only take two values still show a mixing of rows', async () => {
  const model = signature([spec('x', ['n', 1], 'INT64')], [spec('y', ['n', 1], 'INT64')]);
  const { batching } = await tryModel(model, ([x]) => {
    const input = x as NamedTensor;
    const data = (input.data as BigInt64Array).slice();
    return [{ ...input, name: 'y', data: data.fill([...data].sort().at(-1) as bigint) }];
  });
  assert.equal(batching.kind, 'none');
});

test('an output without the batch axis is not split', async () => {
  const { batching } = await tryModel(rowwise, () => [
    { name: 'y', dataType: 'FP32', shape: [1, 2], data: Float32Array.of(1, 2) },
  ]);
  assert.equal(batching.kind, 'none');
});

test('a label that is declared as one value but has one a row does not stand in the way', async () => {
  const model = signature([spec('x', ['n', 2])], [spec('label', [1], 'INT64')]);
  const { batching } = await tryModel(model, ([x]) => {
    const rows = (x as NamedTensor).shape[0] as number;
    return [{ name: 'label', dataType: 'INT64', shape: [rows], data: labels(x as NamedTensor, rows) }];
  });
  assert.equal(batching.kind, 'dynamic');
});

test('an output that is the same for all rows shows nothing', async () => {
  const model = signature([spec('x', ['n', 2])], [spec('y', ['n', 2]), spec('far', ['n'], 'BOOL')]);
  const { batching } = await tryModel(model, ([x]) => {
    const rows = (x as NamedTensor).shape[0] as number;
    const far: NamedTensor = { name: 'far', dataType: 'BOOL', shape: [rows], data: new Uint8Array(rows) };
    return [{ ...(x as NamedTensor), name: 'y' }, far];
  });
  assert.match(batching.kind === 'none' ? batching.reason : '', /output "far" is the same, or empty/);
});

test('rounding that differs with the batch size is no dependence', async () => {
  const { batching } = await tryModel(
    rowwise,
    mapped((values) => values.map((value) => value + 1e-7 * values.length)),
  );
  assert.equal(batching.kind, 'dynamic');
});

const wide = signature([spec('x', ['n', 64])], [spec('y', ['n', 1])]);

/** A wave of the sum of each row, which is added up from the other end where there are several rows. */
const waves =
  (phase: (sum: number, rows: number, total: number) => number): Compute =>
  ([x]) => {
    const { shape, data } = x as NamedTensor;
    const rows = shape[0] as number;
    const sums = Array.from({ length: rows }, (_, row) => {
      const values = (data as Float32Array).slice(64 * row, 64 * (row + 1));
      return (rows > 1 ? values.reverse() : values).reduce((sum, value) => Math.fround(sum + value), 0);
    });
    const total = sums.reduce((sum, value) => sum + value, 0);
    return [
      {
        name: 'y',
        dataType: 'FP32',
        shape: [rows, 1],
        data: Float32Array.from(sums, (s) => Math.sin(phase(s, rows, total))),
      },
    ];
  };

test('rounding that far values make large is no dependence', async () => {
  assert.equal(
    (
      await tryModel(
        wide,
        waves((sum) => sum),
      )
    ).batching.kind,
    'dynamic',
  );
});

test('a dependence beside such rounding is found', async () => {
  const { batching } = await tryModel(
    wide,
    waves((sum, rows, total) => sum + (rows > 1 ? 1e-3 * (total - sum) : 0)),
  );
  assert.equal(
    batching.kind === 'none' && batching.reason,
    'output "y" of a row changes with the rows beside it, or from run to run',
  );
});

test('an output that rounding alone changes for all rows shows nothing', async () => {
  /** Of four bits: moving by rounding changes them by four or eight sixteenths. */
  const lastBits = (value: number): number => ((new Uint32Array(Float32Array.of(value).buffer)[0] as number) & 15) / 16;
  const { batching } = await tryModel(wide, ([x]) => {
    const { shape, data } = x as NamedTensor;
    const rows = shape[0] as number;
    const values = Float32Array.from({ length: rows }, (_, row) => Number(data[64 * row]));
    const beside = rows > 1 ? 0.05 : 0;
    const answers = values.map((value) => (value === 0 || Number.isNaN(value) ? value : lastBits(value) + beside));
    return [{ name: 'y', dataType: 'FP32', shape: [rows, 1], data: answers }];
  });
  assert.match(batching.kind === 'none' ? batching.reason : '', /output "y" changes with rounding alone/);
});

test('a model that takes some rows only is compared with those', async () => {
  const model = signature([spec('x', ['n', 1], 'INT64')], [spec('y', ['n', 1], 'INT64')]);
  const table = [7n, 3n];
  const looked =
    (among: (values: readonly bigint[]) => bigint): Compute =>
    ([x]) => {
      const { data, ...input } = x as NamedTensor;
      const ids = [...(data as BigInt64Array)];
      if (ids.some((id) => id > 1n)) throw new ServingError('INVALID_ARGUMENT', 'beyond the table');
      const extra = among(ids);
      return [{ ...input, name: 'y', data: BigInt64Array.from(ids, (id) => (table[Number(id)] as bigint) + extra) }];
    };
  // The first made-up row has an id of 1, the next one of 2.
  assert.equal(
    (
      await tryModel(
        model,
        looked(() => 0n),
      )
    ).batching.kind,
    'dynamic',
  );
  assert.equal(
    (
      await tryModel(
        model,
        looked((ids) => ids.reduce((sum, id) => sum + id)),
      )
    ).batching.kind,
    'none',
  );
  const limited = await tryOn(new ComputingGroup(looked(() => 0n)), model, { ...noFacts, limits: new Map([['x', 2]]) });
  assert.equal(limited.batching.kind, 'dynamic');
});

test('a fixed batch is kept when its rows are independent and refused when they are not', async () => {
  const fixed = signature([spec('x', [4, 2])], [spec('y', [4, 2])]);
  const good = await tryModel(
    fixed,
    mapped((values) => values.map((value) => -value)),
  );
  assert.deepEqual(good.batching, { kind: 'fixed', rows: 4 });
  const cumulative = await tryModel(
    fixed,
    mapped((values) => values.map((_, index) => values.slice(0, index + 1).reduce((a, b) => a + b))),
  );
  assert.equal(cumulative.batching.kind, 'none');
});

test('inputs are tried until the model takes some', async () => {
  const model = signature([spec('x', ['n', 'length'])], [spec('y', ['n'])]);
  const { batching, recipe } = await tryModel(model, ([x]) => {
    const { shape, data } = x as NamedTensor;
    if ((shape[1] as number) < 8) throw new ServingError('INVALID_ARGUMENT', 'too short');
    const rows = Array.from({ length: shape[0] as number }, (_, row) => data[row * (shape[1] as number)] as number);
    return [{ name: 'y', dataType: 'FP32', shape: [rows.length], data: Float32Array.from(rows) }];
  });
  assert.equal(batching.kind, 'dynamic');
  assert.equal(recipe?.freeSize, 8);
});

const texts = signature([spec('x', ['n', 1], 'BYTES')], [spec('y', ['n', 'tokens'], 'BYTES')]);

const splitAt =
  (delimiter: string): Compute =>
  ([x]) => {
    const tokens = ((x as NamedTensor).data as readonly string[]).map((text) => text.split(delimiter));
    const width = Math.max(...tokens.map((row) => row.length));
    const data = tokens.flatMap((row) => [...row, ...new Array<string>(width - row.length).fill('')]);
    return [{ name: 'y', dataType: 'BYTES', shape: [tokens.length, width], data }];
  };

for (const delimiter of [' ', ',', '.', '-', '|']) {
  test(`texts split at "${delimiter}" and padded to the longest of the batch are seen to depend on each other`, async () => {
    const { batching } = await tryModel(texts, splitAt(delimiter));
    assert.equal(batching.kind, 'none');
  });
}

test('so they are in a fixed batch, which always has a long one', async () => {
  const model = signature([spec('x', [2, 3], 'BYTES')], [spec('y', [2, 'tokens'], 'BYTES')]);
  const { batching } = await tryModel(model, splitAt(' '));
  assert.equal(batching.kind, 'none');
});

test('a model that reads numbers from texts is tried with such texts', async () => {
  const { batching } = await tryModel(texts, ([x]) => {
    const { data, ...input } = x as NamedTensor;
    if (data.some((text) => Number.isNaN(Number(text)))) throw new ServingError('INVALID_ARGUMENT', 'not a number');
    return [{ ...input, name: 'y', data: (data as readonly string[]).map((text) => `${Number(text) + 1}`) }];
  });
  assert.equal(batching.kind, 'dynamic');
});

for (const [kind, rows] of [
  ['free', 'n'],
  ['fixed', 2],
] as const) {
  test(`a model that answers nothing to made-up inputs shows nothing about its ${kind} rows`, async () => {
    const model = signature([spec('x', [rows, 2])], [spec('y', [rows, 'found', 2])]);
    const { batching, recipe } = await tryModel(model, ([x]) => [
      { name: 'y', dataType: 'FP32', shape: [(x as NamedTensor).shape[0] as number, 0, 2], data: new Float32Array(0) },
    ]);
    assert.equal(batching.kind, 'none');
    assert.ok(recipe);
  });
}

test('a model that takes none of them is served one request at a time', async () => {
  const { batching, recipe } = await tryModel(rowwise, () => {
    throw new ServingError('INVALID_ARGUMENT', 'no');
  });
  assert.equal(batching.kind, 'none');
  assert.equal(recipe, undefined);
});

test('an engine process that is killed from outside does not change the outcome', async () => {
  let runs = 0;
  const { batching, recipe } = await tryModel(rowwise, ([x]) => {
    if (++runs % 2 === 1) throw new ProcessFailure('CRASHED', 'SIGKILL');
    return [{ ...(x as NamedTensor), name: 'y' }];
  });
  assert.equal(batching.kind, 'dynamic');
  assert.equal(recipe?.freeSize, 1);
});

test('a model whose inputs are too large to be made up is served untried, one request at a time, saying so', async () => {
  const group = new ComputingGroup(mapped((values) => values));
  const model = signature([spec('x', ['n', 30_000, 30_000])], [spec('y', ['n', 2])]);
  const outcome = await tryOn(group, model);
  assert.equal(group.runs, 0);
  assert.equal(outcome.recipe, undefined);
  assert.match(outcome.batching.kind === 'none' ? outcome.batching.reason : '', /made-up inputs would take 3,434 MiB/);
});

test('a model of which one row can be made up but not several is tried with one', async () => {
  const model = signature([spec('x', ['n', 6 * 2 ** 16], 'BYTES')], [spec('y', ['n', 2], 'BYTES')]);
  const { batching, recipe } = await tryModel(model, ([x]) => [{ ...(x as NamedTensor), name: 'y' }]);
  assert.notEqual(recipe, undefined);
  assert.match(batching.kind === 'none' ? batching.reason : '', /made-up inputs would take 72 MiB/);
});
