import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tracingEnvironment } from '../../../src/observability/tracing/tracing-environment.js';

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

describe('what is traced', () => {
  const worlds: readonly [string, Record<string, string>, boolean][] = [
    ['nothing, where no variable says so', {}, false],
    ['calls, where there is an endpoint', endpoint, true],
    ['and one for traces alone', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' }, true],
    ['calls, where an exporter is asked for and no endpoint', { OTEL_TRACES_EXPORTER: 'otlp' }, true],
    ['nothing, where the variables are there and empty', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false],
    ['nothing, where no exporter is wanted', { ...endpoint, OTEL_TRACES_EXPORTER: 'none' }, false],
    ['nothing, where the exporter is not known', { ...endpoint, OTEL_TRACES_EXPORTER: 'zipkin' }, false],
    ['nothing, where all of it is disabled', { ...endpoint, OTEL_SDK_DISABLED: 'TRUE' }, false],
    ['calls, where it is not', { ...endpoint, OTEL_SDK_DISABLED: 'false' }, true],
  ];
  for (const [title, env, wanted] of worlds) {
    test(title, () => assert.equal(tracingEnvironment(env) !== undefined, wanted));
  }
});

describe('a trace of the caller', () => {
  const worlds: readonly [string | undefined, boolean][] = [
    [undefined, true],
    ['tracecontext,baggage', true],
    ['b3, tracecontext', true],
    ['b3', false],
    ['none', false],
  ];
  for (const [propagators, reads] of worlds) {
    test(`is ${reads ? '' : 'not '}gone on with by OTEL_PROPAGATORS=${propagators}`, () => {
      const env = propagators === undefined ? endpoint : { ...endpoint, OTEL_PROPAGATORS: propagators };
      assert.equal(tracingEnvironment(env)?.readsCallers, reads);
    });
  }
});

test('what is asked for and not done is told, each by its variable', () => {
  const asked = {
    ...endpoint,
    OTEL_TRACES_EXPORTER: 'otlp,console',
    OTEL_PROPAGATORS: 'tracecontext,b3',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
  };
  assert.deepEqual(tracingEnvironment(asked)?.warnings, [
    'OTEL_TRACES_EXPORTER: expected otlp or none, got console, which is passed over',
    'OTEL_PROPAGATORS: expected tracecontext, baggage or none, got b3, which is passed over',
    'OTEL_EXPORTER_OTLP_PROTOCOL: expected http/protobuf, got grpc; spans are sent as http/protobuf',
  ]);
  assert.deepEqual(tracingEnvironment(endpoint)?.warnings, []);
});
