import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ServingError } from '../../src/core/serving-error.js';
import type { RequestFinished, ServingObserver } from '../../src/core/serving-observer.js';
import { CallReports } from '../../src/inference/inference-method.js';

const statuses = new Proxy({}, { get: () => 7 }) as Record<ServingError['code'] | 'OK', number>;
const origin = { requestId: 'call-1', arrivedAt: 1000 };

/** Reports at a moment that is 1250 on the clock. */
function world({ mock }: TestContext, observer?: ServingObserver) {
  mock.method(performance, 'now', () => 1250);
  const heard: RequestFinished[] = [];
  const logged: unknown[] = [];
  const reports = new CallReports({
    protocol: { name: 'text', statuses },
    observer: observer ?? { requestFinished: (event) => void heard.push(event) },
    logger: { error: (details, message) => void logged.push([details, message]) },
  });
  return { reports, heard, logged };
}

const response = {
  id: { name: 'double', version: 2 },
  outputs: [],
  rows: 3,
  batchRows: 8,
  timings: { queueMs: 1, batchMs: 2, computeMs: 1 },
};

test('a call is reported with how long it took since its head had come', (context) => {
  const { reports, heard } = world(context);
  reports.succeeded(origin, response);
  const error = new ServingError('UNAVAILABLE', 'full');
  assert.equal(reports.failed(error, origin, response.id), error);
  const common = {
    id: response.id,
    protocol: 'text',
    status: 7,
    durationMs: 250,
    requestId: 'call-1',
    principal: undefined,
    trace: undefined,
  };
  assert.deepEqual(heard, [
    { ...common, code: 'OK', rows: 3, timings: response.timings },
    { ...common, code: 'UNAVAILABLE', error },
  ]);
});

test('what preparing its inputs came to is told of a call that had any', (context) => {
  const prepared: unknown[] = [];
  const { reports } = world(context, { inputsPrepared: (event) => void prepared.push(event) });
  reports.succeeded(origin, response);
  const usage = { tokens: 5, paddingTokens: 1, truncatedRows: 0 };
  reports.succeeded(origin, { ...response, usage, timings: { ...response.timings, prepareMs: 3 } });
  assert.deepEqual(prepared, [{ id: response.id, prepareMs: 3, usage, trace: undefined }]);
});

test('what nobody foresaw is logged with its cause, and told by the request’s id', (context) => {
  const { reports, logged } = world(context);
  const fault = new TypeError('a fault');
  const { code, message, cause } = reports.failed(fault, origin);
  assert.deepEqual([code, cause], ['INTERNAL', fault]);
  assert.match(message, /call-1/);
  assert.deepEqual(logged, [[{ err: fault, requestId: 'call-1' }, 'a request failed in a way nobody foresaw']]);
});

test('memory that cannot be had is foreseen', (context) => {
  const { reports, logged } = world(context);
  const { code } = reports.failed(new RangeError('Array buffer allocation failed'), origin);
  assert.deepEqual([code, logged], ['UNAVAILABLE', []]);
});

test('nobody need listen to reports', (context) => {
  const { reports } = world(context, {});
  reports.succeeded(origin, response);
  assert.equal(reports.failed(new ServingError('CANCELED', 'gone'), origin).code, 'CANCELED');
});
