import { Fifo } from '../../../core/fifo.js';

/** What may have to wait for its start. */
export interface Starter {
  /** Its turn has come. */
  start(): void;
}

/** A few milliseconds' worth. */
const requestsPerTurn = 256;
/** While connections come in. */
const requestsPerShortTurn = 4;

/**
 * Lets so many requests begin in one turn of the event loop, the others in the turns after it, in order. Node reads all that
 * has come on thousands of connections before it does anything else: without this the engine would wait for its first batch,
 * and everybody for their answer, until the last request was read, and what all of them hold would be alive at once.
 */
export class FairStart {
  readonly #waiting = new Fifo<Starter>();
  #left = requestsPerTurn;
  #isShort = false;

  /**
   * To be called with each connection that comes in. Node lets one in a turn: where more stand behind it, turns have to be
   * short, or whoever is among them (a health check, say) waits for seconds.
   */
  hurry(): void {
    this.#isShort = true;
    this.#left = Math.min(this.#left, requestsPerShortTurn);
  }

  /** Whether it may begin at once; if not, it is told when. */
  admits(starter: Starter): boolean {
    if (this.#left === 0) {
      this.#waiting.push(starter);
      return false;
    }
    if (--this.#left === 0) setImmediate(this.#nextTurn);
    return true;
  }

  readonly #nextTurn = (): void => {
    const limit = this.#isShort ? requestsPerShortTurn : requestsPerTurn;
    this.#isShort = false;
    for (this.#left = limit; this.#left > 0; this.#left--) {
      const starter = this.#waiting.shift();
      if (starter === undefined) return;
      starter.start();
    }
    setImmediate(this.#nextTurn);
  };
}
