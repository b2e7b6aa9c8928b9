import type { FastifyReply } from 'fastify';
import type { ResponseHold } from '../../inference/held-responses.js';

/** What HTTP answers. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A text is sent as UTF-8. */
  readonly body: string | Buffer;
}

/**
 * Answers through Fastify, with the headers as they are: to the content type of a text it would add a charset. `hold` is
 * released when the caller has taken the answer, or is gone.
 */
export function sendResponse(reply: FastifyReply, { status, headers, body }: HttpResponse, hold?: ResponseHold): void {
  if (hold !== undefined) {
    const { raw } = reply;
    raw.once('finish', hold.release).once('close', hold.release);
    if (raw.closed) hold.release();
  }
  reply
    .code(status)
    .headers(headers)
    .send(typeof body === 'string' ? Buffer.from(body) : body);
}

/** Of what a browser may show, and of pages that must not lie in another site's frame. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  // The pages at /docs have styles in their elements, and pictures in their style sheets.
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};
