import { type Attributes, type Link, type SpanContext, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ArrivingCall, CallTrace } from '../../core/call-trace.js';
import type { BatchFinished, RequestFinished } from '../../core/serving-observer.js';
import type { CallNames } from './call-names.js';
import { batchAttributes, describeOutcome, failureStatus } from './outcome-attributes.js';
import type { EndedSpan, SpanRecorder } from './span-recorder.js';

export interface RequestTraceOptions {
  readonly call: ArrivingCall;
  /** Of the span of the request as a whole. */
  readonly context: SpanContext;
  /** Of its caller's. */
  readonly parent: SpanContext | undefined;
  readonly isSampled: boolean;
  readonly recorder: SpanRecorder;
  readonly names: CallNames;
  /** From a moment of `performance.now()` to the time of day. */
  readonly offsetMs: number;
}

/** The spans of one request: itself, and in it the reading of its message, its time in the queue, its runs. */
export class RequestTrace implements CallTrace {
  readonly isSampled: boolean;
  readonly #options: RequestTraceOptions;
  #preparingSinceMs: number | undefined;
  #queuedSinceMs: number | undefined;

  constructor(options: RequestTraceOptions) {
    this.isSampled = options.isSampled;
    this.#options = options;
  }

  get context(): SpanContext {
    return this.#options.context;
  }

  get traceId(): string {
    return this.context.traceId;
  }

  get spanId(): string {
    return this.context.spanId;
  }

  get traceresponse(): string {
    return `00-${this.traceId}-${this.spanId}-${this.isSampled ? '01' : '00'}`;
  }

  preparing(nowMs: number): void {
    if (this.isSampled) this.#preparingSinceMs = nowMs;
  }

  queued(nowMs: number): void {
    if (!this.isSampled) return;
    this.#endPreparation(nowMs);
    // Of a request that was cut the first part began to wait.
    this.#queuedSinceMs ??= nowMs;
  }

  dequeued(nowMs: number): void {
    this.#endQueue(nowMs);
  }

  /** `links`: to the span of a run that it shares with others. */
  ran(batch: BatchFinished, startedAtMs: number, links: Link[] | undefined): void {
    const endedAtMs = startedAtMs + batch.batchMs;
    const { outcome } = batch;
    const hasFailed = outcome !== 'ok';
    this.#endQueue(startedAtMs);
    this.#record('run', startedAtMs, endedAtMs, {
      attributes: batchAttributes(batch),
      links,
      status: hasFailed ? { code: SpanStatusCode.ERROR, message: outcome } : undefined,
    });
    // It may run again.
    if (hasFailed) this.#queuedSinceMs = endedAtMs;
  }

  finished(event: RequestFinished): void {
    if (!this.isSampled) return;
    const { call, context, parent, recorder, names, offsetMs } = this.#options;
    const endedAtMs = call.arrivedAt + event.durationMs;
    this.#endPreparation(endedAtMs);
    const attributes: Attributes = {};
    names.describe(call, attributes);
    describeOutcome(event, call.transport, attributes);
    recorder.record({
      name: names.nameOf(call),
      kind: SpanKind.SERVER,
      context,
      parent,
      startedAt: offsetMs + call.arrivedAt,
      endedAt: offsetMs + endedAtMs,
      attributes,
      status: failureStatus(event, call.transport),
    });
  }

  /** With it ends whatever came before the queue, a failure to read the message, too. */
  #endPreparation(nowMs: number): void {
    if (this.#preparingSinceMs === undefined) return;
    this.#record('preparation', this.#preparingSinceMs, nowMs);
    this.#preparingSinceMs = undefined;
  }

  /** Of a request that runs in several parts the first one ends it. */
  #endQueue(nowMs: number): void {
    if (this.#queuedSinceMs === undefined) return;
    this.#record('queue', this.#queuedSinceMs, nowMs);
    this.#queuedSinceMs = undefined;
  }

  #record(
    name: string,
    sinceMs: number,
    untilMs: number,
    facts?: Pick<EndedSpan, 'attributes' | 'links' | 'status'>,
  ): void {
    const { recorder, context, offsetMs } = this.#options;
    const times = { startedAt: offsetMs + sinceMs, endedAt: offsetMs + untilMs };
    recorder.record({
      name,
      kind: SpanKind.INTERNAL,
      context: recorder.childOf(context),
      parent: context,
      ...times,
      ...facts,
    });
  }
}
