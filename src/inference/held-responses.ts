import { responseTooLarge, ServingError } from '../core/serving-error.js';

export interface HeldResponsesOptions {
  /** One answer, as tensors and as it is sent. */
  readonly largestBytes: number;
  /** All of them together. */
  readonly mostBytes: number;
}

/** Smaller answers are not counted: sockets take them as they are. */
export const countedFromBytes = 16 * 1024;
/** What an answer's tensors take while they are turned into text: themselves, a copy for the thread, and the text. */
const writingFactor = 4;

/** Memory that large answers hold, from the model's outputs to a caller that has taken them. */
export class HeldResponses {
  readonly #options: HeldResponsesOptions;
  #bytes = 0;

  constructor(options: HeldResponsesOptions) {
    this.#options = options;
  }

  /** Held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** For outputs of so many bytes. Throws RESOURCE_EXHAUSTED where one is too large, UNAVAILABLE where all are. */
  hold(tensorBytes: number): ResponseHold {
    const { largestBytes, mostBytes } = this.#options;
    if (tensorBytes > largestBytes) throw responseTooLarge(`its tensors are ${tensorBytes} bytes`, largestBytes);
    const bytes = tensorBytes * writingFactor;
    // One alone is always let through: its own limit holds it.
    if (this.#bytes > 0 && this.#bytes + bytes > mostBytes) throw this.#full();
    return new ResponseHold(bytes, (change) => {
      this.#bytes += change;
    });
  }

  #full(): ServingError {
    return new ServingError(
      'UNAVAILABLE',
      `the server is overloaded: answers that callers have not taken yet hold ${this.#bytes} bytes, and ${this.#options.mostBytes} may be held; try again later, or raise its maxResponseBytes`,
    );
  }
}

/** One answer's part of it. */
export class ResponseHold {
  readonly #onChange: (change: number) => void;
  #bytes = 0;
  #isReleased = false;

  constructor(bytes: number, onChange: (change: number) => void) {
    this.#onChange = onChange;
    this.resize(bytes);
  }

  /** What it holds from now on. */
  resize(bytes: number): void {
    if (this.#isReleased) return;
    this.#onChange(bytes - this.#bytes);
    this.#bytes = bytes;
  }

  /** To be called when the caller has taken the answer, or is gone; more than once does no harm. */
  readonly release = (): void => {
    this.resize(0);
    this.#isReleased = true;
  };
}
