import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProcessFailure } from '../../src/core/process-failure.js';
import { ServingError } from '../../src/core/serving-error.js';
import type { NamedTensor } from '../../src/core/tensor.js';
import { CostCurve } from '../../src/scheduling/cost-curve.js';
import { MemoryBudget } from '../../src/scheduling/open-requests.js';
import { joined, settle } from './puppet-group.js';
import { dynamic, Harness, requestOf, resultOf } from './scheduler-harness.js';

const values = async (answer: Promise<{ outputs: readonly { data: unknown }[] }>): Promise<number[]> => [
  ...((await answer).outputs[0] as { data: Float32Array }).data,
];

/** More rows cost in proportion: a single one is best. */
const heavyCurve = (): CostCurve => {
  const curve = new CostCurve();
  curve.observe(1, 1);
  curve.observe(2, 5);
  return curve;
};

const codeOf = async (answer: Promise<unknown>): Promise<string> => {
  try {
    await answer;
    return 'OK';
  } catch (error) {
    assert.ok(error instanceof ServingError, String(error));
    return error.code;
  }
};

test('requests that arrive in one turn leave in one batch and get their own rows back', async () => {
  const { scheduler, group } = new Harness();
  const answers = [requestOf([1, 2]), requestOf([3]), requestOf([4, 5, 6])].map((request) =>
    resultOf(scheduler, request),
  );
  await settle();
  assert.deepEqual(group.current.batch.inputs[0]?.shape, [6, 1]);
  await group.current.succeed();
  assert.deepEqual(await Promise.all(answers.map(values)), [[2, 4], [6], [8, 10, 12]]);
});

test('what waits while the instance is busy leaves together the moment it is free', async () => {
  const { scheduler, group, batches } = new Harness();
  const first = resultOf(scheduler, requestOf([1]));
  await settle();
  const waiting = [2, 3, 4].map((value) => resultOf(scheduler, requestOf([value])));
  await settle();
  assert.equal(scheduler.queuedRows, 3);
  await group.current.succeed();
  assert.deepEqual(joined(group.current.batch.inputs[0]?.parts ?? []), [2, 3, 4]);
  await group.current.succeed();
  assert.deepEqual(await Promise.all([first, ...waiting].map(values)), [[2], [4], [6], [8]]);
  assert.deepEqual(
    batches.map(({ rows, requests, reason }) => ({ rows, requests, reason })),
    [
      { rows: 1, requests: 1, reason: 'idle' },
      { rows: 3, requests: 3, reason: 'idle' },
    ],
  );
});

test('a request larger than a batch is cut, spread over the instances and joined again in order', async () => {
  const { scheduler, group } = new Harness({ batching: dynamic(4), instances: 2 });
  const answer = resultOf(scheduler, requestOf([1, 2, 3, 4, 5, 6, 7, 8, 9]));
  await settle();
  assert.equal(group.runs.length, 2);
  await group.runs[1]?.succeed();
  await group.runs[0]?.succeed();
  while (group.runs.length > 0) await group.current.succeed();
  assert.deepEqual(await values(answer), [2, 4, 6, 8, 10, 12, 14, 16, 18]);
});

test('a fixed batch size is padded with rows the model takes, and the padding is cut off', async () => {
  const { scheduler, group } = new Harness({ batching: { kind: 'fixed', rows: 4 } });
  const answer = resultOf(scheduler, requestOf([1, 2, 3]));
  await settle();
  assert.deepEqual(joined(group.current.batch.inputs[0]?.parts ?? []), [1, 2, 3, 3]);
  await group.current.succeed();
  assert.deepEqual(await values(answer), [2, 4, 6]);
});

test('allowed batch sizes are padded up to and cut off', async () => {
  const { scheduler, group } = new Harness({ policy: { maxDelayMs: 0, preferredSizes: [], allowedSizes: [2, 8] } });
  const answer = resultOf(scheduler, requestOf([1, 2, 3]));
  await settle();
  assert.deepEqual(group.current.batch.inputs[0]?.shape, [8, 1]);
  await group.current.succeed();
  assert.deepEqual(await values(answer), [2, 4, 6]);
});

test('a model without batch axis gets each request as it came', async () => {
  const { scheduler, group } = new Harness({ batching: { kind: 'none', reason: 'test' } });
  const answers = [requestOf([1, 2], { rows: 1 }), requestOf([3, 4], { rows: 1 })].map((request) =>
    resultOf(scheduler, request),
  );
  await settle();
  assert.deepEqual(group.current.batch.inputs[0]?.shape, [2, 1]);
  await group.current.succeed();
  await group.current.succeed();
  assert.deepEqual(await Promise.all(answers.map(values)), [
    [2, 4],
    [6, 8],
  ]);
});

test('a full queue rejects on arrival, with a time to come back', async () => {
  const { scheduler, group } = new Harness({ maxQueueRows: 3 });
  const running = resultOf(scheduler, requestOf([0]));
  await settle();
  const waiting = resultOf(scheduler, requestOf([1, 2, 3]));
  await assert.rejects(resultOf(scheduler, requestOf([4])), (error: ServingError) => {
    assert.equal(error.code, 'UNAVAILABLE');
    assert.ok((error.retryAfterSeconds ?? 0) >= 1);
    return true;
  });
  await group.current.succeed();
  await group.current.succeed();
  await Promise.all([running, waiting]);
});

test('the memory of waiting tensors of all models is bounded and given back', async () => {
  const budget = new MemoryBudget(400);
  const [one, other] = [new Harness({ budget }), new Harness({ budget })];
  const hundred = Array.from({ length: 25 }, (_, index) => index);
  const taken = [one, one, other].map(({ scheduler }) => resultOf(scheduler, requestOf(hundred)));
  await settle();
  assert.equal(budget.usedBytes, 300);
  const tooMuch = resultOf(other.scheduler, requestOf([...hundred, 1]));
  await assert.rejects(tooMuch, { code: 'UNAVAILABLE', message: /the memory for waiting tensors is used up/ });
  taken.push(resultOf(other.scheduler, requestOf(hundred)));
  for (const { group } of [one, other]) while (group.runs.length > 0) await group.current.succeed();
  await Promise.all(taken);
  assert.equal(budget.usedBytes, 0);
});

test('a caller who goes away leaves the queue at once and is not computed', async () => {
  const { scheduler, group, canceled } = new Harness();
  const running = resultOf(scheduler, requestOf([0]));
  await settle();
  const gone = new AbortController();
  const abandoned = resultOf(scheduler, requestOf([1], { signal: gone.signal }));
  const staying = resultOf(scheduler, requestOf([2]));
  gone.abort();
  assert.equal(await codeOf(abandoned), 'CANCELED');
  assert.equal(scheduler.queuedRows, 1);
  assert.deepEqual(canceled, ['queue']);
  await group.current.succeed();
  assert.deepEqual(joined(group.current.batch.inputs[0]?.parts ?? []), [2]);
  await group.current.succeed();
  await Promise.all([running, staying]);
});

test('a caller who is gone before its request is queued is told so, and counted', async () => {
  const { scheduler, canceled, group } = new Harness();
  assert.equal(await codeOf(resultOf(scheduler, requestOf([1], { signal: AbortSignal.abort() }))), 'CANCELED');
  await settle();
  assert.deepEqual([canceled, group.runs.length, scheduler.openRequests], [['queue'], 0, 0]);
});

test('a deadline that what waits cannot meet is rejected on arrival', async () => {
  const { scheduler, group, curve } = new Harness();
  curve.observe(1, 50);
  assert.equal(await codeOf(resultOf(scheduler, requestOf([1], { deadlineMs: 20 }))), 'DEADLINE_EXCEEDED');
  const taken = resultOf(scheduler, requestOf([1], { deadlineMs: 200 }));
  await settle();
  await group.current.succeed();
  assert.equal(await codeOf(taken), 'OK');
});

test('a deadline that passes in the queue is answered then, and not computed', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { scheduler, group } = new Harness();
  const running = resultOf(scheduler, requestOf([0]));
  await settle();
  const late = resultOf(scheduler, requestOf([1], { deadlineMs: 30 }));
  context.mock.timers.tick(30);
  assert.equal(await codeOf(late), 'DEADLINE_EXCEEDED');
  assert.equal(scheduler.queuedRows, 0);
  await group.current.succeed();
  assert.equal(group.runs.length, 0);
  await running;
});

test('a deadline farther away than a timer can wait is none', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { scheduler, group } = new Harness();
  const answer = resultOf(scheduler, requestOf([1], { deadlineMs: 2 ** 31 }));
  await settle();
  context.mock.timers.tick(1000);
  await group.current.succeed();
  assert.deepEqual(await values(answer), [2]);
});

test('a delay holds requests until the batch is full or the oldest has waited that long', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const harness = new Harness({
    policy: { maxDelayMs: 5, preferredSizes: [], allowedSizes: [] },
    batching: dynamic(3),
  });
  const { scheduler, group, batches } = harness;
  const first = resultOf(scheduler, requestOf([1]));
  await settle();
  assert.equal(group.runs.length, 0);
  harness.nowMs = 5;
  context.mock.timers.tick(5);
  await group.current.succeed();
  const three = [1, 2, 3].map((value) => resultOf(scheduler, requestOf([value])));
  await settle();
  await group.current.succeed();
  await Promise.all([first, ...three]);
  assert.deepEqual(
    batches.map(({ reason, rows }) => [reason, rows]),
    [
      ['delay', 1],
      ['full', 3],
    ],
  );
});

test('when a batch is rejected, only the poison request fails', async () => {
  const { scheduler, group } = new Harness();
  const codes = [1, 13, 3].map((value) => codeOf(resultOf(scheduler, requestOf([value]))));
  await settle();
  await group.current.fail(new ServingError('INVALID_ARGUMENT', 'bad row'));
  while (group.runs.length > 0) {
    const [value] = joined(group.current.batch.inputs[0]?.parts ?? []);
    if (value === 13) await group.current.fail(new ServingError('INVALID_ARGUMENT', 'bad row'));
    else await group.current.succeed();
  }
  assert.deepEqual(await Promise.all(codes), ['OK', 'INVALID_ARGUMENT', 'OK']);
});

test('when an engine process dies, its requests run again alone and only the one that kills it twice fails', async () => {
  const { scheduler, group } = new Harness();
  const codes = [1, 666, 3].map((value) => codeOf(resultOf(scheduler, requestOf([value]))));
  await settle();
  await group.current.fail(new ProcessFailure('CRASHED', 'SIGFPE'));
  let crashes = 1;
  while (group.runs.length > 0) {
    assert.equal(group.current.options.exclusive, true);
    const [value] = joined(group.current.batch.inputs[0]?.parts ?? []);
    if (value !== 666) await group.current.succeed();
    else {
      crashes++;
      await group.current.fail(new ProcessFailure('CRASHED', 'SIGFPE'));
    }
  }
  assert.deepEqual(await Promise.all(codes), ['OK', 'INTERNAL', 'OK']);
  assert.equal(crashes, 2);
});

test('requests that ended a process by themselves take turns with what waits', async () => {
  const { scheduler, group } = new Harness({ batching: dynamic(1) });
  const order: string[] = [];
  const note = (name: string, answer: Promise<unknown>) =>
    answer.then(
      () => order.push(name),
      () => order.push(name),
    );
  const answers = [666, 667].map((value) => note('poison', resultOf(scheduler, requestOf([value]))));
  for (const value of [1, 2, 3]) answers.push(note('good', resultOf(scheduler, requestOf([value]))));
  await settle();
  while (group.runs.length > 0) {
    const [value] = joined(group.current.batch.inputs[0]?.parts ?? []);
    if (Number(value) < 666) await group.current.succeed();
    else await group.current.fail(new ProcessFailure('CRASHED', 'SIGFPE'));
  }
  await Promise.all(answers);
  assert.deepEqual(order, ['good', 'poison', 'good', 'poison', 'good']);
});

test('a request survives its engine process being killed from outside again and again', async () => {
  const { scheduler, group } = new Harness();
  const answer = resultOf(scheduler, requestOf([5]));
  await settle();
  for (let kills = 0; kills < 3; kills++) await group.current.fail(new ProcessFailure('CRASHED', 'SIGKILL'));
  await group.current.succeed();
  assert.deepEqual(await values(answer), [10]);
});

test('a request is not blamed for a process that was stopped, unless that happens each time', async () => {
  const { scheduler, group } = new Harness();
  const stall = () => group.current.fail(new ProcessFailure('STALLED', 'SIGKILL'));
  const answer = resultOf(scheduler, requestOf([5]));
  await settle();
  for (let stalls = 0; stalls < 3; stalls++) await stall();
  await group.current.succeed();
  assert.deepEqual(await values(answer), [10]);
  const rejected = assert.rejects(resultOf(scheduler, requestOf([6])), { code: 'INTERNAL', message: /did not finish/ });
  await settle();
  for (let stalls = 0; stalls < 4; stalls++) await stall();
  await rejected;
});

test('a batch that waited behind the deadly one is not blamed', async () => {
  const { scheduler, group } = new Harness();
  const answer = resultOf(scheduler, requestOf([5]));
  await settle();
  for (let deaths = 0; deaths < 5; deaths++) await group.current.fail(new ProcessFailure('CRASHED', 'SIGSEGV', false));
  await group.current.succeed();
  assert.deepEqual(await values(answer), [10]);
});

const rowsOfY = (...data: number[]): NamedTensor[] => [
  { name: 'y', dataType: 'FP32', shape: [data.length, 1], data: Float32Array.from(data) },
];

for (const [what, answer] of [
  ['fewer', rowsOfY(3)],
  ['more', rowsOfY(3, 4, 5)],
] as const) {
  test(`an answer with ${what} rows than were sent is repeated alone instead of being split wrongly`, async () => {
    const { scheduler, group, stopped } = new Harness();
    const answers = [1, 2].map((value) => resultOf(scheduler, requestOf([value])));
    await settle();
    await group.current.succeed(answer);
    await group.current.succeed();
    await group.current.succeed();
    assert.deepEqual(await Promise.all(answers.map(values)), [[2], [4]]);
    assert.equal(scheduler.sizing.batching.kind, 'none');
    assert.deepEqual(stopped, [
      `output "y" had shape [${answer[0]?.shape.join(', ')}] for 2 rows of input, so it has no batch axis`,
    ]);
  });
}

test('what goes wrong when a batch is put together or taken apart fails its requests, and nothing else', async () => {
  const { scheduler, group } = new Harness();
  const [input] = requestOf([1]).inputs as [NamedTensor];
  let reads = 0;
  const unreadable = Object.defineProperty({ ...input }, 'data', {
    get: () => {
      // The first update takes its size.
      if (++reads > 1) throw new RangeError('Array buffer allocation failed');
      return input.data;
    },
  });
  assert.equal(await codeOf(resultOf(scheduler, { ...requestOf([1]), inputs: [unreadable] })), 'UNAVAILABLE');
  const answer = codeOf(resultOf(scheduler, requestOf([1])));
  await settle();
  const [output] = rowsOfY(2) as [NamedTensor];
  const shape = () => {
    throw new RangeError('Array buffer allocation failed');
  };
  await group.current.succeed([Object.defineProperty({ ...output }, 'shape', { get: shape })]);
  assert.equal(await answer, 'UNAVAILABLE');
  const next = resultOf(scheduler, requestOf([3]));
  await settle();
  await group.current.succeed();
  assert.deepEqual(await values(next), [6]);
});

test('a model that was found not to keep rows apart gets its requests one at a time, whole', async () => {
  const { scheduler, group } = new Harness({ batching: dynamic(2) });
  const first = resultOf(scheduler, requestOf([1]));
  await settle();
  const others = [requestOf([2]), requestOf([3, 4, 5])].map((request) => resultOf(scheduler, request));
  await group.current.succeed(rowsOfY(7, 8));
  assert.deepEqual(await values(first), [7, 8]);
  await group.current.succeed();
  const late = resultOf(scheduler, requestOf([6, 7, 8]));
  await settle();
  while (group.runs.length > 0) await group.current.succeed();
  assert.deepEqual(await Promise.all([...others, late].map(values)), [[4], [6, 8, 10], [12, 14, 16]]);
});

test('a request that was cut for a model that does not keep rows apart runs again, whole', async () => {
  const { scheduler, group } = new Harness({ batching: dynamic(2), instances: 2 });
  const cut = resultOf(scheduler, requestOf([1, 2, 3]));
  await settle();
  const [first, second] = group.runs;
  await second?.succeed();
  await first?.succeed(rowsOfY(9, 9, 9));
  assert.deepEqual(group.current.batch.inputs[0]?.shape, [3, 1]);
  await group.current.succeed(rowsOfY(9));
  assert.deepEqual(await values(cut), [9]);
});

test('when the engine gives the model up, everything waiting and everything new gets the reason', async () => {
  const { scheduler, group } = new Harness();
  const waiting = [1, 2].map((value) => resultOf(scheduler, requestOf([value])));
  await settle();
  group.giveUp(new ServingError('UNAVAILABLE', 'crash loop'));
  assert.deepEqual(await Promise.all(waiting.map(codeOf)), ['UNAVAILABLE', 'UNAVAILABLE']);
  assert.equal(await codeOf(resultOf(scheduler, requestOf([3]))), 'UNAVAILABLE');
});

test('draining ends when the last accepted request is answered', async () => {
  const { scheduler, group } = new Harness();
  const answer = resultOf(scheduler, requestOf([1]));
  let drained = false;
  const drain = scheduler.drain().then(() => {
    drained = true;
  });
  await settle();
  assert.equal(drained, false);
  await group.current.succeed();
  await Promise.all([answer, drain]);
});

test('draining waits for the last of several requests, and for nothing where there is none', async () => {
  const { scheduler, group } = new Harness({ batching: dynamic(1) });
  await scheduler.drain();
  const answers = [1, 2].map((value) => resultOf(scheduler, requestOf([value])));
  let drained = false;
  const drain = scheduler.drain().then(() => {
    drained = true;
  });
  await settle();
  await group.current.succeed();
  assert.equal(drained, false, 'one is still computed');
  await group.current.succeed();
  await Promise.all([...answers, drain]);
});

test('requests count as queued while something of them waits', async () => {
  const { scheduler, group } = new Harness({ batching: dynamic(2) });
  const answers = [[1, 2, 3], [4]].map((rows) => resultOf(scheduler, requestOf(rows)));
  await settle();
  const { load } = scheduler;
  assert.deepEqual([load.queuedRequests, load.queuedRows, load.openRequests], [2, 2, 2]);
  await group.current.succeed();
  assert.deepEqual([load.queuedRequests, load.queuedRows, load.openRequests], [0, 0, 2]);
  await group.current.succeed();
  await Promise.all(answers);
  assert.equal(load.openRequests, 0);
});

test("an engine is told the operator's limit of a run", async () => {
  const { scheduler, group } = new Harness({ runTimeoutMs: 1234 });
  const answer = resultOf(scheduler, requestOf([1]));
  await settle();
  assert.equal(group.current.options.timeoutMs, 1234);
  await group.current.succeed();
  await answer;
});

test('zero rows run by themselves and come back as zero rows', async () => {
  const { scheduler, group } = new Harness();
  const empty = resultOf(scheduler, {
    inputs: [{ name: 'x', dataType: 'FP32', shape: [0, 1], data: new Float32Array(0) }],
    outputs: ['y'],
    rows: 0,
    mergeable: true,
  });
  const full = resultOf(scheduler, requestOf([1]));
  await settle();
  assert.deepEqual(group.current.batch.inputs[0]?.shape, [0, 1]);
  await group.current.succeed();
  await group.current.succeed();
  assert.deepEqual(await values(empty), []);
  assert.deepEqual(await values(full), [2]);
});

test('a size that was measured as not worth it is tried again now and then, and kept when it has become so', async () => {
  const curve = new CostCurve();
  curve.observe(1, 1);
  curve.observe(2, 5);
  const { scheduler, group } = new Harness({ batching: dynamic(64), curve, maxQueueRows: 1000 });
  assert.equal(scheduler.sizing.maxRows, 1);
  const answers = Array.from({ length: 600 }, () => resultOf(scheduler, requestOf([1])));
  await settle();
  while (group.runs.length > 0) await group.current.succeed(undefined, 1);
  await Promise.all(answers);
  assert.ok(scheduler.sizing.maxRows > 1, `${scheduler.sizing.maxRows}`);
});

test('a request of a hundred thousand rows is cut into a bounded number of chunks and comes back whole', async () => {
  const { scheduler, group } = new Harness({ batching: dynamic(1_000_000), curve: heavyCurve() });
  assert.equal(scheduler.sizing.maxRows, 1);
  const rows = Array.from({ length: 100_000 }, (_, row) => row % 1000);
  const answer = resultOf(scheduler, requestOf(rows));
  await settle();
  while (group.runs.length > 0) await group.current.succeed();
  assert.deepEqual(
    await values(answer),
    rows.map((row) => 2 * row),
  );
});

test('more rows than a model with a fixed batch can be given one by one are rejected', async () => {
  const { scheduler } = new Harness({ batching: { kind: 'fixed', rows: 1 } });
  const answer = resultOf(scheduler, requestOf(new Array<number>(20_000).fill(1)));
  await assert.rejects(answer, { code: 'INVALID_ARGUMENT', message: /20000 rows.*at most 16384/ });
});

test('a full queue rejects whatever comes, unread, and says for a while the same to all', async () => {
  const harness = new Harness({ maxQueueRows: 2 });
  harness.nowMs = 60_000;
  const { scheduler, group } = harness;
  assert.equal(scheduler.load.rejection(), undefined);
  const answers = [resultOf(scheduler, requestOf([1]))];
  await settle();
  answers.push(resultOf(scheduler, requestOf([2])));
  assert.equal(scheduler.load.rejection(), undefined, 'one row more is taken');
  answers.push(resultOf(scheduler, requestOf([3])));
  const rejection = scheduler.load.rejection();
  assert.equal(rejection?.code, 'UNAVAILABLE');
  assert.equal(rejection?.message, 'm/1 is overloaded: its queue holds 2 of at most 2 rows; try again later');
  assert.equal(rejection?.retryAfterSeconds, 1);
  harness.nowMs += 49;
  assert.equal(scheduler.load.rejection(), rejection);
  harness.nowMs += 1;
  assert.notEqual(scheduler.load.rejection(), rejection, 'its Retry-After is worked out again');
  await group.current.succeed();
  assert.equal(scheduler.load.rejection(), undefined, 'what waited has left');
  await group.current.succeed();
  assert.deepEqual(await Promise.all(answers.map(values)), [[2], [4], [6]]);
});

test('a model that was given up rejects everything with the reason', async () => {
  const { scheduler, group } = new Harness();
  group.giveUp(new ServingError('UNAVAILABLE', 'it crashed 6 times'));
  assert.match(String(scheduler.load.rejection()?.message), /it crashed 6 times/);
});
