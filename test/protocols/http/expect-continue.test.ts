import assert from 'node:assert/strict';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { ServingError } from '../../../src/core/serving-error.js';
import type { PuppetModel } from '../puppet-service.js';
import { startTestServer } from '../test-server.js';

const spec = { name: 'x', dataType: 'FP32', shape: ['batch', 2] } as const;
const signature = { inputs: [spec], outputs: [{ ...spec, name: 'y' }] };
const free: PuppetModel = {
  name: 'free',
  signature,
  compute: () => [{ name: 'y', dataType: 'FP32', shape: [1, 2], data: Float32Array.of(3, 4) }],
};
const busy: PuppetModel = {
  ...free,
  name: 'busy',
  rejection: new ServingError('UNAVAILABLE', 'busy/1 is overloaded', { retryAfterSeconds: 7 }),
};

const { app } = await startTestServer({ after }, { models: [free, busy] });
before(() => app.listen({ port: 0, host: '127.0.0.1' }));

interface Asked {
  readonly path: string;
  readonly body: string;
  readonly contentLength?: number;
}

interface Outcome {
  readonly status: number | undefined;
  readonly connection: string | undefined;
  readonly text: string;
  /** Whether the caller was told to send the body, and did. */
  readonly wasRead: boolean;
}

/** As curl does it: asks first, and sends the body when told to. */
async function ask({ path, body, contentLength = body.length }: Asked): Promise<Outcome> {
  const { port } = app.server.address() as AddressInfo;
  const headers = { 'content-type': 'application/json', 'content-length': contentLength, expect: '100-continue' };
  const asking = request({ host: '127.0.0.1', port, path, method: 'POST', headers });
  let wasRead = false;
  asking.once('continue', () => {
    wasRead = true;
    asking.end(body);
  });
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    asking.once('response', resolve).once('error', reject);
    asking.flushHeaders();
  });
  const outcome = {
    status: answer.statusCode,
    connection: answer.headers.connection,
    text: await text(answer),
    wasRead,
  };
  asking.destroy();
  return outcome;
}

const body = '{"instances": [[1, 2]]}';

test('who asks whether to send a body is told to when it is going to be read', async () => {
  const { status, text: answered, wasRead } = await ask({ path: '/v1/models/free/predict', body });
  assert.deepEqual([status, answered, wasRead], [200, '{"predictions":[[3.0,4.0]]}', true]);
});

const refused = {
  'by a full queue': { path: '/v1/models/busy/predict', body, status: 503 },
  'for a model that is not there': { path: '/v1/models/absent/predict', body, status: 404 },
  'for its size': { path: '/v1/models/free/predict', body, contentLength: 2 ** 40, status: 413 },
};

for (const [how, { status, ...asked }] of Object.entries(refused)) {
  test(`what is refused ${how} is never sent, and the connection ends`, async () => {
    const outcome = await ask(asked);
    assert.deepEqual([outcome.status, outcome.wasRead, outcome.connection], [status, false, 'close']);
  });
}
