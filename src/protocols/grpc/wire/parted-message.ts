/**
 * A message whose parts lie apart. grpc-js copies what it sends, once, into what goes out: it asks a message for its length
 * and to be copied there, so nothing has to be put together before.
 */
export class PartedMessage {
  readonly byteLength: number;
  readonly #parts: readonly Uint8Array[];

  constructor(parts: readonly Uint8Array[]) {
    this.#parts = parts;
    this.byteLength = parts.reduce((sum, { length }) => sum + length, 0);
  }

  /** As a Buffer's. */
  copy(target: Uint8Array, at: number): number {
    let next = at;
    for (const part of this.#parts) {
      target.set(part, next);
      next += part.length;
    }
    return this.byteLength;
  }

  /** The same behind another part. */
  behind(part: Uint8Array): PartedMessage {
    return new PartedMessage([part, ...this.#parts]);
  }
}

/** What may be sent. */
export type OutgoingMessage = Buffer | PartedMessage;

/** What grpc-js is told that it sends. */
export const asSent = (message: OutgoingMessage): Buffer => message as Buffer;
