import { Fifo } from '../../../core/fifo.js';

/** What may have to wait for its turn. */
export interface TurnTaker {
  /** Its turn has come. */
  takeTurn(): void;
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
export class Turns {
  readonly #waiting = new Fifo<TurnTaker>();
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
  admits(taker: TurnTaker): boolean {
    if (this.#left === 0) {
      this.#waiting.push(taker);
      return false;
    }
    if (--this.#left === 0) setImmediate(this.#nextTurn);
    return true;
  }

  readonly #nextTurn = (): void => {
    const limit = this.#isShort ? requestsPerShortTurn : requestsPerTurn;
    this.#isShort = false;
    for (this.#left = limit; this.#left > 0; this.#left--) {
      const taker = this.#waiting.shift();
      if (taker === undefined) return;
      taker.takeTurn();
    }
    setImmediate(this.#nextTurn);
  };
}
