import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import type { CallTrace } from '../../../src/core/call-trace.js';
import { ProcessFailure } from '../../../src/core/process-failure.js';
import { ServingError } from '../../../src/core/serving-error.js';
import { fanOut } from '../../../src/core/serving-observer.js';
import { Tracing } from '../../../src/observability/tracing/tracing.js';
import { settle } from '../../scheduling/puppet-group.js';
import { Harness, requestOf, resultOf } from '../../scheduling/scheduler-harness.js';
import { OtlpCollector } from '../../support/otlp-collector.js';
import type { OtlpSpan } from '../../support/otlp-spans.js';

const collector = await OtlpCollector.start();
after(() => collector.close());
process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.endpoint;

let tracing: Tracing;
let harness: Harness;
beforeEach(() => {
  collector.spans.length = 0;
  tracing = new Tracing({ version: '1.2.3', readsCallers: true, scheme: 'http', warn: () => undefined });
  harness = new Harness({ observer: fanOut([tracing]), now: () => performance.now() });
});

const callerOf = (digit: string, flags = '01') => ({
  traceId: digit.repeat(32),
  traceparent: `00-${digit.repeat(32)}-${digit.repeat(16)}-${flags}`,
});

const begin = (traceparent: string): CallTrace =>
  tracing.begin({
    transport: 'http',
    path: '/v1/models/m/predict',
    headers: { traceparent },
    arrivedAt: performance.now(),
  });

const finish = (trace: CallTrace): void =>
  tracing.requestFinished({ trace, protocol: 'v1', code: 'OK', status: 200, durationMs: 1000, requestId: 'r' });

const namesOf = (spans: readonly OtlpSpan[]): string[] => spans.map(({ name }) => name);

test('a run of two callers is one span that leads to both, and the trace of each shows its queue and its run', async () => {
  const callers = [callerOf('a'), callerOf('b')];
  const traces = callers.map(({ traceparent }) => begin(traceparent));
  const results = traces.map((trace) => resultOf(harness.scheduler, requestOf([1, 2], { trace })));
  await settle();
  await harness.group.current.succeed();
  await Promise.all(results);
  traces.forEach(finish);
  await tracing.close();
  assert.equal(collector.spans.length, 7);
  assert.deepEqual(tracing.counts, { exported: 7, lost: 0 });

  const [batch, ...others] = collector.named('batch');
  assert.deepEqual(others, []);
  assert.deepEqual(
    batch?.links,
    traces.map(({ traceId, spanId }) => ({ traceId, spanId })),
  );
  assert.equal(batch?.attributes['slipway.batch.rows'], 4);
  assert.equal(batch?.attributes['slipway.batch.requests'], 2);
  for (const [index, { traceId }] of callers.entries()) {
    const spans = collector.trace(traceId);
    assert.deepEqual(namesOf(spans), ['POST /v1/models/{model}/predict', 'queue', 'run']);
    const [request, queue, run] = spans as [OtlpSpan, OtlpSpan, OtlpSpan];
    assert.equal(request.parentSpanId, traceId.slice(0, 16));
    assert.equal(request.kind, 2);
    assert.equal(request.spanId, traces[index]?.spanId);
    assert.deepEqual([queue.parentSpanId, run.parentSpanId], [request.spanId, request.spanId]);
    assert.deepEqual(run.links, [{ traceId: batch?.traceId, spanId: batch?.spanId }]);
    assert.equal(queue.endNs, run.startNs);
    assert.ok(request.startNs <= queue.startNs && run.startNs <= run.endNs);
  }
});

test('a request that runs alone has its run in its own trace, and no other span', async () => {
  const trace = begin(callerOf('a').traceparent);
  const result = resultOf(harness.scheduler, requestOf([1], { trace }));
  await settle();
  await harness.group.current.succeed();
  await result;
  await tracing.close();
  assert.deepEqual(namesOf(collector.spans), ['queue', 'run']);
  assert.deepEqual(collector.named('run')[0]?.links, []);
});

test('of callers whose traces are not recorded there is no span, and runs do not lead to them', async () => {
  const [recorded, unrecorded] = [callerOf('a'), callerOf('b', '00')];
  const traces = [recorded, unrecorded].map(({ traceparent }) => begin(traceparent));
  assert.deepEqual(
    traces.map(({ isSampled }) => isSampled),
    [true, false],
  );
  assert.match(traces[1]?.traceresponse ?? '', new RegExp(`^00-${unrecorded.traceId}-[0-9a-f]{16}-00$`));
  const results = traces.map((trace) => resultOf(harness.scheduler, requestOf([1], { trace })));
  await settle();
  await harness.group.current.succeed();
  await Promise.all(results);
  traces.forEach(finish);
  await tracing.close();
  assert.deepEqual(collector.trace(unrecorded.traceId), []);
  assert.deepEqual(
    collector.named('batch')[0]?.links.map(({ traceId }) => traceId),
    [recorded.traceId],
  );
});

test('a run that ended with its process is an error in the trace, and what ran again is there twice', async () => {
  const { traceparent, traceId } = callerOf('c');
  const result = resultOf(harness.scheduler, requestOf([1], { trace: begin(traceparent) }));
  await settle();
  await harness.group.current.fail(new ProcessFailure('CRASHED', 'SIGSEGV'));
  await harness.group.current.succeed();
  await result;
  await tracing.close();
  const spans = collector.trace(traceId);
  assert.deepEqual(namesOf(spans), ['queue', 'run', 'queue', 'run']);
  assert.deepEqual(
    collector.named('run').map(({ status }) => status),
    [
      { code: 2, message: 'engine-failure' },
      { code: 0, message: '' },
    ],
  );
});

test('a request whose caller leaves while it waits shows how long it waited', async () => {
  const busy = resultOf(harness.scheduler, requestOf([1]));
  await settle();
  const caller = new AbortController();
  const trace = begin(callerOf('d').traceparent);
  const result = resultOf(harness.scheduler, requestOf([2], { trace, signal: caller.signal }));
  await settle();
  caller.abort();
  await assert.rejects(result, { code: 'CANCELED' });
  await harness.group.current.succeed();
  await busy;
  await tracing.close();
  assert.deepEqual(namesOf(collector.spans), ['queue']);
});

test('a large request that runs in parts has a run for each, and one time in the queue', async () => {
  const { traceparent } = callerOf('e');
  const rows = Array.from({ length: 20 }, (_, index) => index);
  const result = resultOf(harness.scheduler, requestOf(rows, { trace: begin(traceparent) }));
  await settle();
  while (harness.group.runs.length > 0) await harness.group.current.succeed();
  await result;
  await tracing.close();
  assert.equal(collector.named('run').length, 3);
  assert.equal(collector.named('queue').length, 1);
});

test('failures of the server are errors, mistakes of callers are not, and nothing that was sent is quoted', async () => {
  const failures: readonly [ServingError, number][] = [
    [new ServingError('UNAVAILABLE', 'the queue is full'), 503],
    [new ServingError('INVALID_ARGUMENT', 'expected a number, got "secret"'), 400],
  ];
  for (const [error, status] of failures) {
    const trace = begin(callerOf('f').traceparent);
    tracing.requestFinished({ trace, protocol: 'v1', code: error.code, status, durationMs: 1, requestId: 'r', error });
  }
  const unforeseen = begin(callerOf('f').traceparent);
  const error = new Error('cannot read /srv/models/m');
  tracing.requestFinished({
    trace: unforeseen,
    protocol: 'v1',
    code: 'INTERNAL',
    status: 500,
    durationMs: 1,
    requestId: 'r',
    error,
  });
  await tracing.close();
  assert.deepEqual(
    collector.spans.map(({ status, attributes }) => [status, attributes['error.type'], attributes['slipway.code']]),
    [
      [{ code: 2, message: 'the queue is full' }, 'UNAVAILABLE', 'UNAVAILABLE'],
      [{ code: 0, message: '' }, undefined, 'INVALID_ARGUMENT'],
      [{ code: 2, message: 'INTERNAL' }, 'INTERNAL', 'INTERNAL'],
    ],
  );
});
