import type { IncomingHttpHeaders } from 'node:http';
import type { Principal } from '../../core/access.js';
import type { CallTrace, CallTracer } from '../../core/call-trace.js';
import type { CallerSignal, InferenceResponse } from '../../core/inference.js';
import type { ServingError } from '../../core/serving-error.js';
import type { Caller } from '../../inference/call-context.js';
import type { ResponseHold } from '../../inference/held-responses.js';
import type { Message, WrittenMessage } from '../../inference/inference-codec.js';
import { type LoadReportHeader, loadReportHeader, priorityOf, timeoutOf } from '../call-headers.js';
import type { ErrorResponses } from './error-responses.js';
import type { HttpResponse } from './http-response.js';
import type { ResponseCompression } from './response-compression.js';

/** An inference request as HTTP brought it, whoever read it from the connection. */
export interface HttpMessage extends Message {
  readonly headers: Readonly<IncomingHttpHeaders>;
  readonly query: Readonly<Record<string, unknown>>;
  /** Where it comes from; left out where nobody asks. */
  readonly peer?: HttpPeer | undefined;
}

export interface HttpPeer {
  readonly peerAddress: string | undefined;
  readonly httpVersion: string;
}

/** What a codec writes for HTTP. */
export interface HttpContent extends Omit<WrittenMessage, 'tail'> {
  readonly headers: Readonly<Record<string, string>>;
}

/** The connection, or what stands for it. */
export interface CallConnection {
  /** Aborted when the connection closes. */
  readonly signal: CallerSignal;
  /** Sends the one reply to a call. `hold` is to be released when the caller has taken it, or is gone. */
  send(reply: HttpResponse, hold?: ResponseHold): void;
  destroy(cause: Error): void;
}

/** What all calls of a server share. */
export interface HttpCallSettings {
  readonly errors: ErrorResponses;
  readonly compression: ResponseCompression;
  /** Header that tells callers apart, in lower case. */
  readonly callerHeader?: string | undefined;
  /** Absent: no response says how busy the server is. */
  readonly loadReport?: LoadReportHeader | undefined;
  /** Whether messages say where they come from. */
  readonly tellsPeers: boolean;
  /** Given where calls are traced. */
  readonly tracer?: CallTracer | undefined;
}

/** One inference call in HTTP's words: what its headers say of it, and its outcome as status, headers and body. */
export class HttpCall implements Caller<HttpContent> {
  readonly requestId: string;
  readonly arrivedAt: number;
  readonly headers: Readonly<IncomingHttpHeaders>;
  readonly signal: CallerSignal;
  readonly trace: CallTrace | undefined;
  caller: string | undefined;
  principal: Principal | undefined;
  readonly #connection: CallConnection;
  readonly #settings: HttpCallSettings;

  constructor(
    requestId: string,
    arrivedAt: number,
    path: string,
    headers: Readonly<IncomingHttpHeaders>,
    connection: CallConnection,
    settings: HttpCallSettings,
  ) {
    this.requestId = requestId;
    this.arrivedAt = arrivedAt;
    this.headers = headers;
    this.signal = connection.signal;
    this.trace = settings.tracer?.begin({ transport: 'http', path, headers, arrivedAt });
    const caller = settings.callerHeader === undefined ? undefined : headers[settings.callerHeader];
    this.caller = typeof caller === 'string' ? caller : undefined;
    this.#connection = connection;
    this.#settings = settings;
  }

  get timeoutMs(): number | undefined {
    const header = this.headers['x-request-timeout-ms'];
    return header === undefined ? undefined : timeoutOf(header);
  }

  get priority(): number | undefined {
    const header = this.headers['x-request-priority'];
    return header === undefined ? undefined : priorityOf(header);
  }

  /** To be called before the call begins, where callers have to say who they are. */
  identify(principal: Principal): void {
    this.principal = principal;
    this.caller = principal.id;
  }

  compress(content: HttpContent): Promise<HttpContent> | undefined {
    const { compression } = this.#settings;
    if (content.body.length < compression.fromBytes) return undefined;
    return compression.compress(content, this.headers['accept-encoding']);
  }

  /** With the header `Server-Timing`, in milliseconds, which browsers and proxies draw. */
  succeeded({ headers, body }: HttpContent, { id, timings, usage }: InferenceResponse, hold?: ResponseHold): void {
    const { prepareMs, queueMs, batchMs, computeMs } = timings;
    const prepared = prepareMs === undefined ? '' : `prepare;dur=${rounded(prepareMs)}, `;
    const own = {
      'server-timing': `${prepared}queue;dur=${rounded(queueMs)}, batch;dur=${rounded(batchMs)}, compute;dur=${rounded(computeMs)}`,
      'x-model-version': `${id.version}`,
      ...(usage !== undefined && usage.truncatedRows > 0 && { 'x-truncated-rows': `${usage.truncatedRows}` }),
    };
    this.#connection.send({ status: 200, headers: Object.assign(own, this.#marks(), headers), body }, hold);
  }

  failed(error: ServingError): void {
    const response = this.#settings.errors.responseTo(error);
    const marks = this.#marks();
    // Others may get the same response.
    const own = marks === undefined ? response : { ...response, headers: { ...response.headers, ...marks } };
    this.#connection.send(own);
  }

  /** What a response says beside its outcome: how busy the server is, and where the call stands in a trace. */
  #marks(): Record<string, string> | undefined {
    const load = this.#settings.loadReport?.valueFor(this.headers);
    if (load === undefined && this.trace === undefined) return undefined;
    return { ...(load !== undefined && { [loadReportHeader]: load }), ...traceMark(this.trace) };
  }

  abandon(cause: unknown): void {
    this.#connection.destroy(cause as Error);
  }
}

/** What the response to a call that is traced says of that. */
export const traceMark = (trace: CallTrace | undefined): Record<string, string> =>
  trace === undefined ? {} : { traceresponse: trace.traceresponse };

const rounded = (value: number): number => Math.round(value * 1000) / 1000;
