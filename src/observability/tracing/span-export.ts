import { setTimeout as after } from 'node:timers/promises';
import { type Attributes, createNoopMeter, type Meter, type MeterProvider } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  BatchSpanProcessor,
  type BufferConfig,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { CollectorConnections } from './collector-connections.js';

export interface SpanExportOptions {
  readonly warn: (details: object, message: string) => void;
  /** How often it is told that spans were lost. Default: once a minute. */
  readonly summaryIntervalMs?: number;
  /** How long the last spans are waited for. Default: 3 seconds. */
  readonly flushTimeoutMs?: number;
}

/**
 * Sends finished spans to the collector, a few hundred at a time, and holds no more of them than the queue takes: where the
 * collector is away or slow, further ones are lost, counted, and told of now and then.
 */
export class SpanExport {
  readonly processor: SpanProcessor;
  readonly #options: SpanExportOptions;
  readonly #connections = new CollectorConnections();
  #exported = 0;
  #lost = 0;
  /** Of those that are to be told of. */
  #untold = 0;
  #lastReason = '';
  /** Spans of which it is not known yet whether they were taken. */
  #sending = 0;
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SpanExportOptions) {
    this.#options = options;
    const exporter = new OTLPTraceExporter({ httpAgentOptions: this.#connections.agentFor });
    // Its type here leaves this one out.
    const config: BufferConfig & { selfObsMeterProvider: MeterProvider } = { selfObsMeterProvider: this.#meters };
    this.processor = new BatchSpanProcessor(this.#noting(exporter), config);
  }

  /** Spans since the start. */
  get counts(): { readonly exported: number; readonly lost: number } {
    return { exported: this.#exported, lost: this.#lost };
  }

  /** Sends what there is, as long as that may take. Nothing is sent afterwards. */
  async close(): Promise<void> {
    const timeUp = new AbortController();
    const { flushTimeoutMs = 3000 } = this.#options;
    await Promise.race([
      // What fails is counted.
      this.processor.shutdown().catch(() => undefined),
      after(flushTimeoutMs, undefined, { signal: timeUp.signal }).catch(() => undefined),
    ]);
    timeUp.abort();
    if (this.#sending > 0) {
      this.#lastReason = 'the collector has not taken them in time';
      this.#note(this.#sending, 'given_up');
    }
    this.#isClosed = true;
    this.#connections.close();
    clearTimeout(this.#timer);
    this.#summarize();
  }

  /** Why spans were not exported is known to the exporter alone. */
  #noting(exporter: SpanExporter): SpanExporter {
    return {
      export: (spans, done) => {
        this.#sending += spans.length;
        exporter.export(spans, (result) => {
          this.#sending -= spans.length;
          if (result.error !== undefined) this.#lastReason = result.error.message || result.error.name;
          done(result);
        });
      },
      forceFlush: async () => exporter.forceFlush?.(),
      shutdown: () => exporter.shutdown(),
    };
  }

  /** Through which the processor counts the spans that it is done with, those for which it had no room included. */
  get #meters(): MeterProvider {
    const counter = { add: (count: number, attributes?: Attributes) => this.#note(count, attributes?.['error.type']) };
    // There is one such meter, which others have too.
    const meter: Meter = Object.assign(Object.create(createNoopMeter()), { createCounter: () => counter });
    return { getMeter: () => meter };
  }

  #note(count: number, failure: unknown): void {
    if (this.#isClosed) return;
    if (failure === undefined) {
      this.#exported += count;
      return;
    }
    if (failure === 'queue_full') this.#lastReason = 'the queue is full';
    this.#lost += count;
    this.#untold += count;
    this.#timer ??= setTimeout(() => this.#summarize(), this.#options.summaryIntervalMs ?? 60_000).unref();
  }

  #summarize(): void {
    this.#timer = undefined;
    if (this.#untold === 0) return;
    this.#options.warn({ spans: this.#untold, reason: this.#lastReason }, 'spans could not be exported');
    this.#untold = 0;
  }
}
