import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const acceptableId = /^[\x21-\x7e]{1,128}$/;
const traceparent = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;
const countedDigits = 12;

/** Names requests: a UUID of which all but the last group is this object's own, and that one counts. */
export class RequestIds {
  readonly #prefix = randomUUID().slice(0, -countedDigits);
  #count = 0;

  /** The caller's own `x-request-id`, else the trace's id, else a new one. Safe to print and to send back. */
  of({ headers }: Pick<IncomingMessage, 'headers'>): string {
    const given = headers['x-request-id'];
    if (typeof given === 'string' && acceptableId.test(given)) return given;
    return traceIdOf(headers.traceparent) ?? this.#prefix + (++this.#count).toString(16).padStart(countedDigits, '0');
  }
}

/** The trace id of a W3C `traceparent` header, if it is one. */
export function traceIdOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? traceparent.exec(header)?.[1] : undefined;
}
