import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { CallTrace } from '../../../src/core/call-trace.js';
import { Tracing } from '../../../src/observability/tracing/tracing.js';
import { OtlpCollector } from '../../support/otlp-collector.js';

const collector = await OtlpCollector.start();
after(() => collector.close());
process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.endpoint;

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const good = `00-${traceId}-${spanId}-01`;

type Headers = Readonly<Record<string, string | readonly string[]>>;

const begin = (tracing: Tracing, headers: Headers): CallTrace =>
  tracing.begin({ transport: 'http', path: '/v2/models/m/infer', headers, arrivedAt: performance.now() });

const tracingWith = (readsCallers: boolean): Tracing =>
  new Tracing({ version: '1.2.3', readsCallers, scheme: 'http', warn: () => undefined });

/** By what a caller wrote: whether its trace is gone on with. */
const headers: readonly [string, Headers, boolean][] = [
  ['a traceparent as it should be', { traceparent: good }, true],
  ['a later version that says more', { traceparent: `cc-${traceId}-${spanId}-01-what-comes` }, true],
  ['flags of later versions', { traceparent: `00-${traceId}-${spanId}-ff` }, true],
  ['the version that is none', { traceparent: `ff-${traceId}-${spanId}-01` }, false],
  ['more than version 00 has', { traceparent: `${good}-more` }, false],
  ['a trace of zeros', { traceparent: `00-${'0'.repeat(32)}-${spanId}-01` }, false],
  ['a span of zeros', { traceparent: `00-${traceId}-${'0'.repeat(16)}-01` }, false],
  ['capitals', { traceparent: good.toUpperCase() }, false],
  ['too few digits', { traceparent: `00-${traceId.slice(1)}-${spanId}-01` }, false],
  ['two of them in one, as HTTP joins them', { traceparent: `${good}, ${good}` }, false],
  ['nothing', { traceparent: '' }, false],
  ['8 KiB of it', { traceparent: good + 'f'.repeat(8192) }, false],
  ['control characters', { traceparent: `00-${traceId}\n-${spanId}-01` }, false],
];

for (const [title, given, isGoneOn] of headers) {
  test(`${title}: the caller's trace is ${isGoneOn ? '' : 'not '}gone on with`, async () => {
    const tracing = tracingWith(true);
    const trace = begin(tracing, given);
    assert.equal(trace.traceId === traceId, isGoneOn);
    assert.match(trace.traceresponse, /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-01$/);
    await tracing.close();
  });
}

test('where callers are not to be gone on with they are not', async () => {
  const tracing = tracingWith(false);
  assert.notEqual(begin(tracing, { traceparent: good }).traceId, traceId);
  await tracing.close();
});

test('a tracestate goes with the spans as far as a trace context may be long', async () => {
  const states: readonly [string | readonly string[], string][] = [
    ['rojo=00f067aa0ba902b7,congo=t61rcWkgMzE', 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE'],
    [['a=1', 'b=2'], 'a=1,b=2'],
    ['no members at all', ''],
    [Array.from({ length: 5000 }, (_, index) => `k${index}=v`).join(), /^k0=v(?:,k\d+=v){31}$/.source],
  ];
  for (const [tracestate, expected] of states) {
    collector.spans.length = 0;
    const tracing = tracingWith(true);
    const trace = begin(tracing, { traceparent: good, tracestate });
    tracing.requestFinished({ trace, protocol: 'v2', code: 'OK', status: 200, durationMs: 1 });
    await tracing.close();
    const [span] = collector.spans;
    assert.ok(span !== undefined && span.traceState.length <= 512);
    if (expected.startsWith('^')) assert.match(span.traceState, new RegExp(expected));
    else assert.equal(span.traceState, expected);
  }
});
