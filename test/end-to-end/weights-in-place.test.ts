import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { lookupModel, lookupWeightsName } from '../support/lookup-model.js';
import { ModelFolder } from '../support/model-folder.js';
import { type JsonResponse, ServerProcess } from '../support/server-process.js';

/** Models of `count` floats in a file beside them; only the larger one's is too large to be copied. */
const counts = { small: 1_000_000, large: 20_000_000 };
type Model = keyof typeof counts;

const looked = 16;
const generations = 3;

const folder = new ModelFolder();
let server: ServerProcess;
before(async () => {
  for (const model of ['small', 'large'] as const) {
    folder.write(lookupModel(counts[model]), `${model}/1/model.onnx`);
    writeInPlace(model, 1);
  }
  server = await (await ServerProcess.start(['--models', folder.path, '--poll-interval-ms', '50'])).ready();
});
after(async () => {
  await server.stop();
  folder.remove();
});

/** Far apart, in pages of their own. */
function positions(model: Model): number[] {
  return Array.from({ length: looked }, (_, index) => Math.floor((index * counts[model]) / looked));
}

/** A file of holes, but for the numbers that are asked for; written one after the other, as `rsync --inplace` does. */
function* writes(model: Model, value: number): Generator<void> {
  const fd = openSync(join(folder.path, model, '1', lookupWeightsName), 'a+');
  closeSync(fd);
  const file = openSync(join(folder.path, model, '1', lookupWeightsName), 'r+');
  try {
    ftruncateSync(file, 4 * counts[model]);
    for (const position of positions(model)) {
      writeSync(file, Float32Array.of(value), 0, 4, 4 * position);
      yield;
    }
  } finally {
    closeSync(file);
  }
}

function writeInPlace(model: Model, value: number): void {
  for (const _ of writes(model, value));
}

/** What the numbers of a right answer all are. */
function theOneValue({ status, body }: JsonResponse): number {
  assert.equal(status, 200, JSON.stringify(body));
  const values = new Set<number>(body.predictions);
  assert.equal(values.size, 1, `a mixed answer: ${[...values].join()}`);
  return [...values][0] as number;
}

/** Callers who never stop asking, while the weights are written over again and again and engine processes are killed. */
async function writeOver(model: Model, isProper: (answer: JsonResponse) => boolean): Promise<void> {
  const body = { instances: positions(model) };
  const path = `/v1/models/${model}/predict`;
  const seen = new Set<number>();
  let isOver = false;
  const callers = Array.from({ length: 3 }, async () => {
    while (!isOver) {
      const answer = await server.post(path, body);
      if (!isProper(answer)) seen.add(theOneValue(answer));
    }
  });
  const everything = Promise.all(callers);
  try {
    for (let value = 2; value <= generations; value++) {
      for (const _ of writes(model, value)) await Promise.race([server.post(path, body), everything]);
      if (value % 2 === 0) for (const pid of server.enginePids()) process.kill(pid, 'SIGKILL');
      await Promise.race([server.until(async () => seen.has(value), `at ${value}`), everything]);
    }
  } finally {
    isOver = true;
    await everything;
  }
  for (const value of seen) assert.ok(Number.isInteger(value) && value >= 1 && value <= generations, `${value}`);
}

test('weights of a model that is copied are written over in place, and nobody notices but by the new answers', async () => {
  await writeOver('small', () => false);
});

test('weights too large to be copied are written over in place: all old, all new, or refused with the reason', async () => {
  let refused = 0;
  await writeOver('large', ({ status, headers, body }) => {
    if (status !== 503) return false;
    assert.match(body.error, /its file weights\.bin was replaced or written to after it was read|does not serve now/);
    assert.ok(Number(headers.get('retry-after')) >= 1, body.error);
    refused++;
    return true;
  });
  assert.ok(refused > 0, 'the weights were mapped, and watched');
});
