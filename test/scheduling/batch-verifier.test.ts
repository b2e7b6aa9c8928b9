import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ProcessFailure } from '../../src/core/process-failure.js';
import type { NamedTensor } from '../../src/core/tensor.js';
import { CostCurve } from '../../src/scheduling/cost-curve.js';
import { MemoryBudget } from '../../src/scheduling/open-requests.js';
import type { ScheduledRequest } from '../../src/scheduling/scheduler.js';
import { doubled, joined, settle } from './puppet-group.js';
import { dynamic, Harness, requestOf, resultOf } from './scheduler-harness.js';

const agree = (a: NamedTensor, b: NamedTensor): boolean => String(a.data) === String(b.data);

const valuesOf = ({ outputs }: { outputs: readonly NamedTensor[] }): number[] => [
  ...((outputs[0] as NamedTensor).data as Float32Array),
];

/** A scheduler that checks what it answers, and a clock in the test's hands. */
function checking(context: TestContext, options: ConstructorParameters<typeof Harness>[0] = {}): CheckedHarness {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  return new CheckedHarness(context, options);
}

class CheckedHarness extends Harness {
  readonly #context: TestContext;

  constructor(context: TestContext, options: ConstructorParameters<typeof Harness>[0]) {
    super({ agree, ...options });
    this.#context = context;
  }

  /** Sends requests of one turn; they are answered once the test has the run succeed. */
  async send(...values: readonly number[]): Promise<Promise<number[]>[]> {
    const answers = values.map((value) => resultOf(this.scheduler, requestOf([value])).then(valuesOf));
    await settle();
    return answers;
  }

  async batch(...values: readonly number[]): Promise<number[][]> {
    const answers = await this.send(...values);
    await this.group.current.succeed();
    return Promise.all(answers);
  }

  /** Lets time pass in which nothing comes. */
  async pass(ms: number): Promise<void> {
    this.nowMs += ms;
    this.#context.mock.timers.tick(ms);
    await settle();
  }
}

test('a row of a batch is run again alone when nothing waits, and batching goes on where it is the same', async (context) => {
  const harness = checking(context);
  await harness.batch(1, 2, 3);
  assert.equal(harness.group.runs.length, 0, 'not before it has been quiet for a moment');
  await harness.pass(5);
  assert.deepEqual(harness.group.current.batch.inputs[0]?.shape, [1, 1]);
  await harness.group.current.succeed();
  assert.deepEqual([harness.scheduler.sizing.batching.kind, harness.stopped], ['dynamic', []]);
});

test('a row that is another one alone stops batching at once', async (context) => {
  const harness = checking(context);
  await harness.batch(1, 2, 3);
  await harness.pass(5);
  await harness.group.current.succeed([{ name: 'y', dataType: 'FP32', shape: [1, 1], data: Float32Array.of(7) }]);
  const { batching } = harness.scheduler.sizing;
  assert.equal(batching.kind, 'none');
  assert.deepEqual(Object.fromEntries(batching.axes?.inputs ?? []), { x: 0 }, 'its rows can still be told apart');
  assert.deepEqual(harness.stopped, [
    'output "y" of a row changes with the rows beside it, as a check of a request\'s answer showed',
  ]);
  const answers = await harness.send(1, 2);
  assert.deepEqual(harness.group.current.batch.inputs[0]?.shape, [1, 1]);
  await harness.group.current.succeed();
  await harness.group.current.succeed();
  assert.deepEqual(await Promise.all(answers), [[2], [4]]);
});

test('what ran together or waited while batching was stopped runs alone, and rows that are separate one by one', async (context) => {
  const harness = checking(context, { instances: 2 });
  const { group, scheduler } = harness;
  await harness.batch(1, 2, 3);
  await harness.pass(5);
  const check = group.current;
  const together = await harness.send(4, 5);
  const column = resultOf(scheduler, requestOf([6, 7])).then(valuesOf);
  const rows = resultOf(scheduler, requestOf([8, 9], { separate: true } satisfies Partial<ScheduledRequest>)).then(
    valuesOf,
  );
  const shared = group.current;
  assert.deepEqual(joined(shared.batch.inputs[0]?.parts ?? []), [4, 5]);
  await check.succeed([{ name: 'y', dataType: 'FP32', shape: [1, 1], data: Float32Array.of(7) }]);
  // What is answered by rows that lay beside others is not believed any more.
  await shared.succeed([{ name: 'y', dataType: 'FP32', shape: [2, 1], data: Float32Array.of(-1, -1) }]);
  const runs: unknown[] = [];
  while (group.runs.length > 0) {
    runs.push(joined(group.runs[0]?.batch.inputs[0]?.parts ?? []));
    await group.runs[0]?.succeed();
  }
  assert.deepEqual(runs, [[4], [5], [6, 7], [8], [9]]);
  assert.deepEqual(await Promise.all([...together, column, rows]), [[8], [10], [12, 14], [16, 18]]);
  assert.deepEqual([scheduler.queuedRows, scheduler.openRequests, harness.budget.usedBytes], [0, 0, 0]);
});

test('a check never goes before a request that waits', async (context) => {
  const harness = checking(context);
  await harness.batch(1, 2, 3);
  const running = await harness.send(4);
  const waiting = await harness.send(5);
  await harness.pass(5);
  assert.deepEqual(joined(harness.group.current.batch.inputs[0]?.parts ?? []), [4]);
  await harness.group.current.succeed();
  assert.deepEqual(joined(harness.group.current.batch.inputs[0]?.parts ?? []), [5]);
  await harness.group.current.succeed();
  await Promise.all([...running, ...waiting]);
  await harness.pass(5);
  assert.ok([1, 2, 3].includes(Number(joined(harness.group.current.batch.inputs[0]?.parts ?? [])[0])));
  await harness.group.current.succeed();
});

test('a request that waits for company has nothing running before it, either', async (context) => {
  const harness = checking(context, {
    batching: dynamic(2),
    policy: { maxDelayMs: 50, preferredSizes: [], allowedSizes: [] },
  });
  await harness.batch(1, 2);
  const waiting = await harness.send(3);
  await harness.pass(5);
  assert.equal(harness.group.runs.length, 0);
  await harness.pass(45);
  assert.deepEqual(joined(harness.group.current.batch.inputs[0]?.parts ?? []), [3]);
  await harness.group.current.succeed();
  await Promise.all(waiting);
});

test('an instance that takes another batch, but computes one, is not idle', async (context) => {
  const harness = checking(context);
  await harness.batch(1, 2);
  Object.defineProperty(harness.group, 'idleInstances', { value: 0 });
  await harness.pass(5);
  assert.equal(harness.group.runs.length, 0);
});

test('checks come rarely: not within a second, ever less often, and never for more than a hundredth of the time', async (context) => {
  const harness = checking(context);
  const isChecked = async (): Promise<boolean> => {
    await harness.batch(1, 2);
    await harness.pass(5);
    const ran = harness.group.runs.length > 0;
    if (ran) await harness.group.current.succeed();
    return ran;
  };
  assert.equal(await isChecked(), true);
  assert.equal(await isChecked(), false);
  await harness.pass(1000);
  assert.equal(await isChecked(), false, 'the first one that agreed made the next rarer');
  await harness.pass(200);
  assert.equal(await isChecked(), true);
  await harness.pass(2000);
  await harness.batch(1, 2);
  await harness.pass(5);
  harness.nowMs += 50;
  await harness.group.current.succeed();
  await harness.pass(4900);
  assert.equal(await isChecked(), false, 'it took 50 ms, which is to be a hundredth');
  await harness.pass(200);
  assert.equal(await isChecked(), true);
});

test('a model whose runs are expected to take long is checked as rarely from the start', async (context) => {
  const curve = new CostCurve();
  curve.observe(1, 100);
  curve.observe(2, 120);
  const harness = checking(context, { curve });
  await harness.batch(1, 2);
  await harness.pass(5);
  assert.equal(harness.group.runs.length, 0);
  await harness.pass(9000);
  await harness.batch(1, 2);
  await harness.pass(5);
  assert.equal(harness.group.runs.length, 1);
  await harness.group.current.succeed();
});

test('a check that fails blames nobody', async (context) => {
  const harness = checking(context);
  await harness.batch(1, 2);
  await harness.pass(5);
  await harness.group.current.fail(new ProcessFailure('CRASHED', 'SIGSEGV'));
  assert.deepEqual([harness.scheduler.sizing.batching.kind, harness.stopped], ['dynamic', []]);
  await harness.pass(2000);
  await harness.batch(1, 2);
  await harness.pass(5);
  assert.equal(harness.group.runs.length, 1, 'the next one is made all the same');
  await harness.group.current.succeed();
});

test('large rows, lone rows and padding are not checked', async (context) => {
  const harness = checking(context, { budget: new MemoryBudget(10_000_000) });
  const large = Array.from({ length: 200_000 }, () => 1);
  const answers = [1, 2].map(() => resultOf(harness.scheduler, requestOf(large, { width: large.length })));
  await settle();
  await harness.group.current.succeed();
  await Promise.all(answers);
  await harness.pass(5);
  assert.equal(harness.group.runs.length, 0);
  const fixed = new Harness({ agree, batching: { kind: 'fixed', rows: 4 } });
  const lone = resultOf(fixed.scheduler, requestOf([1]));
  await settle();
  await fixed.group.current.succeed();
  await lone;
  context.mock.timers.tick(5);
  await settle();
  assert.equal(fixed.group.runs.length, 0);
});

test('a row of a fixed batch is checked beside copies of itself', async (context) => {
  const harness = checking(context, { batching: { kind: 'fixed', rows: 4 } });
  await harness.batch(1, 1, 1);
  await harness.pass(5);
  assert.deepEqual(joined(harness.group.current.batch.inputs[0]?.parts ?? []), [1, 1, 1, 1]);
  await harness.group.current.succeed();
  assert.equal(harness.scheduler.sizing.batching.kind, 'fixed');
});

test('without a way to compare nothing is checked', async (context) => {
  const harness = checking(context, { agree: undefined, batching: dynamic(4) });
  await harness.batch(1, 2, 3);
  await harness.pass(60_000);
  assert.equal(harness.group.runs.length, 0);
});

test('the row that is kept is a copy: what it was taken from may change or go', async (context) => {
  const harness = checking(context);
  const requests = [requestOf([3]), requestOf([4])];
  const answers = requests.map((request) => resultOf(harness.scheduler, request));
  await settle();
  const outputs = doubled(harness.group.current.batch);
  await harness.group.current.succeed(outputs);
  await Promise.all(answers);
  for (const tensor of [...outputs, ...requests.flatMap(({ inputs }) => inputs)]) (tensor.data as Float32Array).fill(0);
  await harness.pass(5);
  assert.ok([3, 4].includes(Number(joined(harness.group.current.batch.inputs[0]?.parts ?? [])[0])));
  await harness.group.current.succeed();
  assert.equal(harness.scheduler.sizing.batching.kind, 'dynamic');
});
