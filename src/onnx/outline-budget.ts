import { invalidArgument } from '../core/serving-error.js';

/** Bytes of memory, estimated from above; graphs of a hundred thousand nodes stay under half of it. */
const limitBytes = 384 * 1024 * 1024;
const objectBytes = 128;
const textOverheadBytes = 24;
/** A field that is only passed takes time, if no memory. */
const fieldBytes = 8;
/** A field of two bytes can become an object where a message is decoded as a whole. */
const messageExpansion = 64;

/** Bounds what reading one file may cost, since a few bytes of protobuf can stand for a large object. */
export class OutlineBudget {
  readonly #fileName: string;
  #spentBytes = 0;

  constructor(fileName: string) {
    this.#fileName = fileName;
  }

  spendField(): void {
    this.#spend(fieldBytes);
  }

  spendObject(): void {
    this.#spend(objectBytes);
  }

  spendText(bytes: number): void {
    this.#spend(textOverheadBytes + bytes);
  }

  spendMessage(bytes: number): void {
    this.#spend(objectBytes + bytes * messageExpansion);
  }

  #spend(bytes: number): void {
    this.#spentBytes += bytes;
    if (this.#spentBytes > limitBytes) {
      throw invalidArgument(`${this.#fileName} describes a graph too large to be read (its weights not counted)`);
    }
  }
}
