import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { ModelParams } from './model-selector.js';

/** An inference request as HTTP brought it, whoever read it from the connection. */
export interface InferenceCall {
  /** Comes back in the answer and stands in the log. */
  readonly id: string;
  readonly params: ModelParams;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<IncomingHttpHeaders>;
  readonly body: Buffer;
  readonly socket: Socket;
  /** `performance.now()` when its headers had come. */
  readonly arrivedAt: number;
}

/** Who asked, and when. */
export type CallOrigin = Pick<InferenceCall, 'id' | 'arrivedAt'>;

/** The part of it that a protocol reads. */
export type CallContent = Pick<InferenceCall, 'body' | 'headers' | 'query'>;

/** Waits for the one answer to a call, which may come before the call was handed over altogether. */
export interface ReplyReceiver {
  reply(reply: HttpReply): void;
}

/** What HTTP answers. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A text is sent as UTF-8. */
  readonly body: string | Buffer;
}
