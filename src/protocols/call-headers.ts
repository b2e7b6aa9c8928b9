import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { invalidArgument } from '../core/serving-error.js';
import { shownValue } from '../core/short-text.js';

/** As a transport hands it over; in gRPC it is metadata. */
type Header = string | string[] | undefined;

const positiveInteger = /^[1-9]\d{0,5}$/;
const milliseconds = /^(\d{1,12}(\.\d{1,6})?)$/;

/** The value of `x-request-timeout-ms`; undefined where it is absent. Throws INVALID_ARGUMENT for anything but a positive number. */
export function timeoutOf(header: Header): number | undefined {
  if (header === undefined) return undefined;
  const value = typeof header === 'string' && milliseconds.test(header) ? Number(header) : 0;
  if (value > 0) return value;
  throw invalidArgument(
    `header x-request-timeout-ms: expected a positive number of milliseconds, got ${shownValue(header)}`,
  );
}

/** The value of `x-request-priority`, as `timeoutOf`. */
export function priorityOf(header: Header): number | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && positiveInteger.test(header)) return Number(header);
  throw invalidArgument(`header x-request-priority: expected a positive integer, got ${shownValue(header)}`);
}

const acceptableId = /^[\x21-\x7e]{1,128}$/;
const traceparent = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const countedDigits = 12;

/** Names requests: a UUID of which all but the last group is this object's own, and that one counts. */
export class RequestIds {
  readonly #prefix = randomUUID().slice(0, -countedDigits);
  #count = 0;

  /** The caller's own `x-request-id`, else the trace's id, else a new one. Safe to print and to send back. */
  of({ headers }: { readonly headers: Readonly<IncomingHttpHeaders> }): string {
    const given = headers['x-request-id'];
    if (typeof given === 'string' && acceptableId.test(given)) return given;
    const trace = headers.traceparent === undefined ? undefined : traceIdOf(headers.traceparent);
    return trace ?? this.#prefix + (++this.#count).toString(16).padStart(countedDigits, '0');
  }
}

/** The trace id of a W3C `traceparent` header, if it is one. */
export function traceIdOf(header: Header): string | undefined {
  return typeof header === 'string' ? traceparent.exec(header)?.[1] : undefined;
}

/** How busy the server is, in ORCA's words. */
export interface LoadReport {
  /** 1 is full. */
  readonly application_utilization: number;
  readonly rps_fractional: number;
  /** Errors of the server a second. */
  readonly eps: number;
  readonly named_metrics: Readonly<Record<string, number>>;
}

/** Says how busy the server is. */
export interface LoadReporter {
  /** As the header has it. */
  report(format: 'text' | 'json'): string;
  /** The same object as long as nothing new was measured. */
  measured(): LoadReport;
}

/** When responses say so: to callers that ask for it, always in this form, or never. */
export type LoadReportPolicy = 'on-request' | 'text' | 'json' | 'off';

/** By which balancers ask for it and read it, as ORCA has it. */
export const reportAskedBy = 'endpoint-load-metrics-format';
export const loadReportHeader = 'endpoint-load-metrics';

/** What one server's responses say of its load. */
export class LoadReportHeader {
  readonly #reporter: LoadReporter;
  readonly #policy: LoadReportPolicy;

  constructor(reporter: LoadReporter, policy: LoadReportPolicy) {
    this.#reporter = reporter;
    this.#policy = policy;
  }

  /** The header's value in the response to a request with these headers; undefined where it has none. */
  valueFor(headers: Readonly<IncomingHttpHeaders>): string | undefined {
    const asked = headers[reportAskedBy];
    if (this.#policy === 'off' || (this.#policy === 'on-request' && asked === undefined)) return undefined;
    const format = typeof asked === 'string' ? asked.toLowerCase() : this.#policy;
    return format === 'text' || format === 'json' ? this.#reporter.report(format) : undefined;
  }
}
