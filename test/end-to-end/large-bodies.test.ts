import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ServerProcess } from '../support/server-process.js';

let server: ServerProcess;
before(async () => {
  server = await (await ServerProcess.start()).ready();
  // Before that rows run one by one, and so many are told to come again.
  await server.until(async () => {
    const { body } = await server.get('/v1/models/iris/versions/2/metadata');
    return body.model_info?.batching?.kind === 'dynamic';
  }, 'batching iris');
});
after(() => server.stop());

const row = [5.1, 3.5, 1.4, 0.2];
const rows = Array.from({ length: 50_000 }, () => row);

const predict = (body: string): Promise<Response> =>
  fetch(`${server.origin}/v1/models/iris/versions/2/predict`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  });

test('every row of a large body gets the answer that it gets alone', async () => {
  const alone = (await (await predict(JSON.stringify({ instances: [row] }))).json()) as { predictions: unknown[] };
  const response = await predict(JSON.stringify({ instances: rows }));
  const { predictions } = (await response.json()) as { predictions: unknown[] };
  assert.equal(response.status, 200);
  assert.equal(predictions.length, rows.length);
  assert.deepEqual(predictions[0], alone.predictions[0]);
  assert.deepEqual(predictions.at(-1), alone.predictions[0]);
});

test('a large body that is cut off is refused with the place', async () => {
  const body = JSON.stringify({ instances: rows });
  const response = await predict(body.slice(0, -2));
  assert.equal(response.status, 400);
  assert.match(await response.text(), new RegExp(`line 1, column ${body.length - 1} \\(byte ${body.length - 2}\\)`));
});
