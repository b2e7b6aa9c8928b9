import { invalidArgument } from '../core/serving-error.js';

/** Bytes of memory, about; graphs of a hundred thousand nodes stay under half of it. */
const limitBytes = 320 * 1024 * 1024;
const messageBytes = 512;
const rangeBytes = 64;
const textOverheadBytes = 24;
/** A field that is only passed takes time, if no memory. */
const fieldBytes = 8;
/** A field of two bytes can become an object. */
const decodingExpansion = 64;

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

  /** Remembering where something lies. */
  spendRange(): void {
    this.#spend(rangeBytes);
  }

  /** Walking a message into an object of its own. */
  spendMessage(): void {
    this.#spend(messageBytes);
  }

  spendText(bytes: number): void {
    this.#spend(textOverheadBytes + bytes);
  }

  /** Decoding a message as a whole, with all that it holds. */
  spendDecoding(bytes: number): void {
    this.#spend(messageBytes + bytes * decodingExpansion);
  }

  #spend(bytes: number): void {
    this.#spentBytes += bytes;
    if (this.#spentBytes > limitBytes) {
      throw invalidArgument(`${this.#fileName} describes a graph too large to be read (its weights not counted)`);
    }
  }
}
