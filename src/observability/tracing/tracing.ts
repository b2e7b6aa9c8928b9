import { randomUUID } from 'node:crypto';
import {
  DiagLogLevel,
  defaultTextMapGetter,
  diag,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import type { ArrivingCall, CallTrace, CallTracer } from '../../core/call-trace.js';
import type { BatchFinished, RequestFinished, ServingObserver } from '../../core/serving-observer.js';
import { CallNames } from './call-names.js';
import { batchAttributes } from './outcome-attributes.js';
import { RequestTrace } from './request-trace.js';
import { SpanExport, type SpanExportOptions } from './span-export.js';
import { SpanRecorder } from './span-recorder.js';
import { WallClock } from './wall-clock.js';

export interface TracingOptions extends SpanExportOptions {
  /** Of this program. */
  readonly version: string;
  /** Whether a caller's own trace is gone on with. */
  readonly readsCallers: boolean;
  readonly scheme: 'http' | 'https';
}

/** Every request of the largest batch is linked to. */
const usualMostLinks = 1024;

/**
 * Traces as OpenTelemetry's variables ask for them: makes the traces of calls, and as an observer hears what came of them.
 * Spans are made when it is known when they began and ended.
 */
export class Tracing implements CallTracer, ServingObserver {
  readonly #export: SpanExport;
  readonly #readsCallers: boolean;
  readonly #names: CallNames;
  readonly #clock = new WallClock();
  readonly #propagator = new W3CTraceContextPropagator();
  /** Decides which requests are recorded. */
  readonly #sampling: Tracer;
  readonly #recorder: SpanRecorder;

  constructor({ version, readsCallers, scheme, ...options }: TracingOptions) {
    // The variables are read here; what is wrong with them is told.
    diag.setLogger(diagnosticsTo(options.warn), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
    this.#names = new CallNames(scheme);
    this.#readsCallers = readsCallers;
    this.#export = new SpanExport(options);
    this.#sampling = new BasicTracerProvider().getTracer('slipway', version);
    this.#recorder = new SpanRecorder({
      processor: this.#export.processor,
      resource: resourceOf(version),
      instrumentationScope: { name: 'slipway', version },
      mostLinks: Number(process.env.OTEL_SPAN_LINK_COUNT_LIMIT) || usualMostLinks,
    });
    // From now on it would tell of every export that fails, which is summed up elsewhere.
    diag.disable();
  }

  begin(call: ArrivingCall): CallTrace {
    const callers =
      this.#readsCallers && call.headers.traceparent !== undefined
        ? this.#propagator.extract(ROOT_CONTEXT, call.headers, defaultTextMapGetter)
        : ROOT_CONTEXT;
    const span = this.#sampling.startSpan(this.#names.nameOf(call), { kind: SpanKind.SERVER }, callers);
    return new RequestTrace({
      call,
      context: span.spanContext(),
      parent: trace.getSpanContext(callers),
      isSampled: span.isRecording(),
      recorder: this.#recorder,
      names: this.#names,
      offsetMs: this.#clock.offsetAt(performance.now()),
    });
  }

  requestFinished(event: RequestFinished): void {
    if (event.trace instanceof RequestTrace) event.trace.finished(event);
  }

  batchFinished(batch: BatchFinished): void {
    if (batch.traced === undefined) return;
    const { startedAtMs } = batch.traced;
    const requests = batch.traced.requests.filter((request) => request instanceof RequestTrace);
    const links = batch.requests > 1 ? [{ context: this.#sharedRun(batch, startedAtMs, requests) }] : undefined;
    for (const request of requests) request.ran(batch, startedAtMs, links);
  }

  /** A run of several requests is a span in a trace of its own, and leads to each that is recorded. */
  #sharedRun(batch: BatchFinished, startedAtMs: number, requests: readonly RequestTrace[]) {
    const startedAt = this.#clock.offsetAt(performance.now()) + startedAtMs;
    const context = this.#recorder.newRoot();
    this.#recorder.record({
      name: 'batch',
      kind: SpanKind.INTERNAL,
      context,
      startedAt,
      endedAt: startedAt + batch.batchMs,
      attributes: batchAttributes(batch),
      links: requests.map((request) => ({ context: request.context })),
      status: batch.outcome === 'ok' ? undefined : { code: SpanStatusCode.ERROR, message: batch.outcome },
    });
    return context;
  }

  /** Spans since the start. */
  get counts(): SpanExport['counts'] {
    return this.#export.counts;
  }

  /** Sends what there is; no call is traced afterwards. */
  close(): Promise<void> {
    return this.#export.close();
  }
}

/** What sends the spans; variables count for more. */
const resourceOf = (version: string) =>
  defaultResource()
    .merge(
      resourceFromAttributes({
        'service.name': 'slipway',
        'service.version': version,
        'service.instance.id': randomUUID(),
        'process.pid': process.pid,
      }),
    )
    .merge(detectResources({ detectors: [envDetector] }));

function diagnosticsTo(warn: SpanExportOptions['warn']) {
  const tell = (message: string): void => warn({}, message);
  const pass = (): void => undefined;
  return { error: tell, warn: tell, info: pass, debug: pass, verbose: pass };
}
