import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Question, ToFront } from '../../src/fronts/front-messages.js';
import { type Asked, Inquiries } from '../../src/fronts/inquiries.js';

class PuppetFront implements Asked {
  readonly number: number;
  lastMetrics: string | undefined;
  /** Ids of the questions that came. */
  readonly asked: number[] = [];

  constructor(number: number) {
    this.number = number;
  }

  send(message: ToFront): void {
    if (message.kind === 'question') this.asked.push(message.id);
  }
}

function ask(question: Question, fronts: readonly PuppetFront[]) {
  const inquiries = new Inquiries({ patienceMs: 1000 });
  const replies = inquiries.ask(fronts, question);
  const answer = (front: PuppetFront, value: unknown) => inquiries.answered(front, front.asked[0] as number, { value });
  return { inquiries, replies, answer };
}

test('every front is asked, and the replies come in their order', async () => {
  const fronts = [new PuppetFront(1), new PuppetFront(2)] as const;
  const { replies, answer } = ask({ kind: 'ready' }, fronts);
  answer(fronts[1], false);
  answer(fronts[0], true);
  assert.deepEqual(await replies, [
    { front: 1, value: true },
    { front: 2, value: false },
  ]);
});

test('a front that ends meanwhile has no reply', async () => {
  const fronts = [new PuppetFront(1), new PuppetFront(2)] as const;
  const { inquiries, replies, answer } = ask({ kind: 'unload', name: 'iris' }, fronts);
  answer(fronts[0], null);
  inquiries.gone(fronts[1]);
  assert.deepEqual(await replies, [{ front: 1, value: null }]);
});

test('where nobody is there to be asked there are no replies', async () => {
  assert.deepEqual(await ask({ kind: 'models' }, []).replies, []);
});

test('a front that does not answer in time is reported, and its metrics are those it had', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const fronts = [new PuppetFront(1), new PuppetFront(2)] as const;
  fronts[1].lastMetrics = '[]';
  const ready = ask({ kind: 'ready' }, fronts);
  const metrics = ask({ kind: 'metrics' }, [fronts[1]]);
  ready.answer(fronts[0], true);
  context.mock.timers.tick(1000);
  const error = { code: 'UNAVAILABLE', message: 'front 2 does not answer', retryAfterSeconds: 1 };
  assert.deepEqual(await ready.replies, [
    { front: 1, value: true },
    { front: 2, error },
  ]);
  assert.deepEqual(await metrics.replies, [{ front: 2, value: '[]' }]);
});

test('loading takes what it takes', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const front = new PuppetFront(1);
  const { replies, answer } = ask({ kind: 'load', name: 'iris' }, [front]);
  context.mock.timers.tick(600_000);
  answer(front, null);
  assert.deepEqual(await replies, [{ front: 1, value: null }]);
});
