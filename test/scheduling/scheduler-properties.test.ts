import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ProcessFailure } from '../../src/core/process-failure.js';
import { ServingError } from '../../src/core/serving-error.js';
import type { ScheduledResult } from '../../src/scheduling/scheduler.js';
import { joined, settle } from './puppet-group.js';
import { dynamic, Harness, requestOf, resultOf } from './scheduler-harness.js';

const requests = fc.array(
  fc.record({
    rows: fc.integer({ min: 1, max: 12 }),
    width: fc.integer({ min: 1, max: 2 }),
    priority: fc.integer({ min: 1, max: 3 }),
    caller: fc.constantFrom('a', 'b'),
    leaves: fc.boolean(),
  }),
  { minLength: 1, maxLength: 20 },
);

/** What becomes of each run in turn: answered, rejected by the model, its process dying. */
const fates = fc.array(fc.constantFrom('ok', 'ok', 'ok', 'rejected', 'crashed'), { minLength: 1, maxLength: 40 });

test('whatever happens, every request is settled once, with its own rows, and nothing stays booked', async () => {
  await fc.assert(
    fc.asyncProperty(
      requests,
      fates,
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 3 }),
      async (wishes, fate, maxRows, instances) => {
        const { scheduler, group, budget } = new Harness({
          batching: dynamic(maxRows),
          instances,
          maxQueueRows: 10_000,
        });
        let next = 0;
        const sent = wishes.map(({ rows, width, leaves, ...rest }) => {
          const values = Array.from({ length: rows * width }, () => next++);
          const caller = new AbortController();
          const answer = resultOf(scheduler, requestOf(values, { width, signal: caller.signal, ...rest }));
          return {
            values,
            answer: answer.then(
              (result) => result,
              (error: unknown) => error,
            ),
            caller,
            leaves,
          };
        });
        await settle();
        for (const { caller, leaves } of sent) if (leaves) caller.abort();
        for (let turn = 0; group.runs.length > 0; turn++) {
          const size =
            joined(group.current.batch.inputs[0]?.parts ?? []).length / (group.current.batch.inputs[0]?.shape[1] ?? 1);
          assert.ok(size <= maxRows, `${size} rows in a batch of at most ${maxRows}`);
          const outcome = fate[turn] ?? 'ok';
          if (outcome === 'ok') await group.current.succeed();
          else if (outcome === 'rejected') await group.current.fail(new ServingError('INVALID_ARGUMENT', 'rejected'));
          else await group.current.fail(new ProcessFailure('CRASHED', 'SIGSEGV'));
        }
        for (const { values, answer, leaves } of sent) {
          const result = await answer;
          if (result instanceof ServingError) {
            assert.ok(leaves || result.code !== 'CANCELED');
            continue;
          }
          const { outputs } = result as ScheduledResult;
          assert.deepEqual(
            [...(outputs[0] as { data: Float32Array }).data],
            values.map((value) => 2 * value),
          );
        }
        assert.deepEqual(
          [scheduler.queuedRows, scheduler.openRequests, scheduler.runningBatches, budget.usedBytes],
          [0, 0, 0, 0],
        );
      },
    ),
    { numRuns: 150 },
  );
});
