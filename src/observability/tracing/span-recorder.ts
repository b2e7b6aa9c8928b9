import {
  type Attributes,
  type HrTime,
  type Link,
  type SpanContext,
  type SpanStatus,
  SpanStatusCode,
} from '@opentelemetry/api';
import { RandomIdGenerator, type ReadableSpan, type SpanProcessor } from '@opentelemetry/sdk-trace-base';

/** What there is to say of a span that has ended. Times are milliseconds since 1970. */
export interface EndedSpan {
  readonly name: string;
  readonly kind: ReadableSpan['kind'];
  readonly context: SpanContext;
  readonly parent?: SpanContext | undefined;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes?: Attributes;
  readonly links?: Link[] | undefined;
  readonly status?: SpanStatus | undefined;
}

type Origin = Pick<ReadableSpan, 'resource' | 'instrumentationScope'>;

export interface SpanRecorderOptions extends Origin {
  readonly processor: SpanProcessor;
  /** Further ones are counted. */
  readonly mostLinks: number;
}

/**
 * Gives spans to be exported once it is known how they ended. The SDK's own spans are made to be changed while they last,
 * and cost twice as much.
 */
export class SpanRecorder {
  readonly #options: SpanRecorderOptions;
  readonly #ids = new RandomIdGenerator();

  constructor(options: SpanRecorderOptions) {
    this.#options = options;
  }

  /** In a trace of its own. */
  newRoot(): SpanContext {
    return { traceId: this.#ids.generateTraceId(), spanId: this.#ids.generateSpanId(), traceFlags: 1 };
  }

  childOf(parent: SpanContext): SpanContext {
    const spanId = this.#ids.generateSpanId();
    return {
      traceId: parent.traceId,
      spanId,
      traceFlags: 1,
      ...(parent.traceState && { traceState: parent.traceState }),
    };
  }

  record(span: EndedSpan): void {
    const { processor, mostLinks } = this.#options;
    processor.onEnd(new RecordedSpan(span, this.#options, mostLinks));
  }
}

const none: never[] = [];
const unset: SpanStatus = { code: SpanStatusCode.UNSET };

class RecordedSpan implements ReadableSpan {
  readonly name: string;
  readonly kind: ReadableSpan['kind'];
  readonly parentSpanContext?: SpanContext;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly links: Link[];
  readonly events = none;
  readonly ended = true;
  readonly resource: ReadableSpan['resource'];
  readonly instrumentationScope: ReadableSpan['instrumentationScope'];
  readonly droppedAttributesCount = 0;
  readonly droppedEventsCount = 0;
  readonly droppedLinksCount: number;
  readonly #context: SpanContext;

  constructor(span: EndedSpan, { resource, instrumentationScope }: Origin, mostLinks: number) {
    const { links = none } = span;
    this.name = span.name;
    this.kind = span.kind;
    this.#context = span.context;
    if (span.parent !== undefined) this.parentSpanContext = span.parent;
    this.startTime = hrTime(span.startedAt);
    // Clocks that are set back make no span of a negative length.
    this.endTime = hrTime(Math.max(span.startedAt, span.endedAt));
    this.status = span.status ?? unset;
    this.attributes = span.attributes ?? {};
    this.links = links.length > mostLinks ? links.slice(0, mostLinks) : links;
    this.droppedLinksCount = links.length - this.links.length;
    this.resource = resource;
    this.instrumentationScope = instrumentationScope;
  }

  spanContext(): SpanContext {
    return this.#context;
  }

  get duration(): HrTime {
    const [seconds, nanoseconds] = [this.endTime[0] - this.startTime[0], this.endTime[1] - this.startTime[1]];
    return nanoseconds < 0 ? [seconds - 1, nanoseconds + 1e9] : [seconds, nanoseconds];
  }
}

function hrTime(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1000);
  return [seconds, Math.floor((milliseconds - seconds * 1000) * 1e6)];
}
