import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BroadcastQueries, type QueriedWorker } from '../../src/workers/broadcast-queries.js';
import type { Query, ToWorker } from '../../src/workers/worker-messages.js';

class PuppetWorker implements QueriedWorker {
  readonly number: number;
  lastMetrics: string | undefined;
  /** Ids of the queries that came. */
  readonly asked: number[] = [];

  constructor(number: number) {
    this.number = number;
  }

  send(message: ToWorker): void {
    if (message.kind === 'query') this.asked.push(message.id);
  }
}

function ask(query: Query, workers: readonly PuppetWorker[]) {
  const queries = new BroadcastQueries({ patienceMs: 1000 });
  const replies = queries.ask(workers, query);
  const answer = (worker: PuppetWorker, value: unknown) =>
    queries.finished(worker, worker.asked[0] as number, { value });
  return { queries, replies, answer };
}

test('every worker is asked, and the replies come in their order', async () => {
  const workers = [new PuppetWorker(1), new PuppetWorker(2)] as const;
  const { replies, answer } = ask({ kind: 'ready' }, workers);
  answer(workers[1], false);
  answer(workers[0], true);
  assert.deepEqual(await replies, [
    { worker: 1, value: true },
    { worker: 2, value: false },
  ]);
});

test('a worker that ends meanwhile has no reply', async () => {
  const workers = [new PuppetWorker(1), new PuppetWorker(2)] as const;
  const { queries, replies, answer } = ask({ kind: 'unload', name: 'iris' }, workers);
  answer(workers[0], null);
  queries.gone(workers[1]);
  assert.deepEqual(await replies, [{ worker: 1, value: null }]);
});

test('where nobody is there to be asked there are no replies', async () => {
  assert.deepEqual(await ask({ kind: 'models' }, []).replies, []);
});

test('a worker that does not answer in time is reported, and its metrics are those it had', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const workers = [new PuppetWorker(1), new PuppetWorker(2)] as const;
  workers[1].lastMetrics = '[]';
  const ready = ask({ kind: 'ready' }, workers);
  const metrics = ask({ kind: 'metrics' }, [workers[1]]);
  ready.answer(workers[0], true);
  context.mock.timers.tick(1000);
  const error = { code: 'UNAVAILABLE', message: 'worker 2 does not answer', retryAfterSeconds: 1 };
  assert.deepEqual(await ready.replies, [
    { worker: 1, value: true },
    { worker: 2, error },
  ]);
  assert.deepEqual(await metrics.replies, [{ worker: 2, value: '[]' }]);
});

test('loading takes what it takes', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const worker = new PuppetWorker(1);
  const { replies, answer } = ask({ kind: 'load', name: 'iris', options: {} }, [worker]);
  context.mock.timers.tick(600_000);
  answer(worker, null);
  assert.deepEqual(await replies, [{ worker: 1, value: null }]);
});
