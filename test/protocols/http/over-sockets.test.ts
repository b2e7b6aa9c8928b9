import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import request from 'supertest';
import { startTestServer } from '../test-server.js';

const { app, service } = await startTestServer({ after }, { config: { callerHeader: 'X-Api-Key' } });
before(() => app.ready());

const predict = '/v1/models/flower/predict';
const body = { instances: [[1, 2, 3, 4]] };

test('a prediction arrives as JSON, with its times and the id of the request', async () => {
  const answer = await request(app.server).post(predict).set('x-request-id', 'abc').send(body).expect(200);
  assert.equal(answer.body.predictions[0].label, 'versicolor');
  assert.match(String(answer.headers['content-type']), /^application\/json/);
  assert.match(String(answer.headers['server-timing']), /queue;dur=/);
  assert.equal(answer.headers['x-request-id'], 'abc');
});

test('what curl -d sends without a type is JSON', async () => {
  await request(app.server)
    .post(predict)
    .set('content-type', 'application/x-www-form-urlencoded')
    .send(JSON.stringify(body))
    .expect(200);
});

test('a compressed body is unpacked', async () => {
  const packed = gzipSync(JSON.stringify(body));
  await request(app.server)
    .post(predict)
    .set({ 'content-type': 'application/json', 'content-encoding': 'gzip' })
    .serialize((sent) => sent as unknown as string)
    .send(packed)
    .expect(200);
});

test('the header that tells callers apart reaches the scheduler', async () => {
  await request(app.server).post(predict).set('x-api-key', 'team-a').send(body).expect(200);
  assert.equal(service.requests.at(-1)?.caller, 'team-a');
});

test('mistakes get their status and a message, whatever they are', async () => {
  const rejections: [number, RegExp, request.Test][] = [
    [
      400,
      /expected 4 in dimension 1, got 1/,
      request(app.server)
        .post(predict)
        .send({ instances: [[1]] }),
    ],
    [404, /did you mean "flower"/, request(app.server).post('/v1/models/flowr/predict').send(body)],
    [405, /use POST/, request(app.server).put(predict).send(body)],
    [
      413,
      /100000/,
      request(app.server)
        .post(predict)
        .send({ instances: [['x'.repeat(100_001)]] }),
    ],
    [
      415,
      /send JSON as application\/json/,
      request(app.server).post(predict).set('content-type', 'text/csv').send('1,2,3,4'),
    ],
  ];
  for (const [status, message, sent] of rejections) {
    const answer = await sent;
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.body.error, message);
  }
});

test('the welcome, the probes and the metrics answer', async () => {
  for (const path of ['/', '/v2/health/live', '/v2/health/ready', '/metrics']) {
    await request(app.server).get(path).expect(200);
  }
});
