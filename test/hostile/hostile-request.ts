import type { RawAnswer } from './answer-reader.js';
import type { TailKind } from './malformed.js';

/** A request that HTTP's grammar makes whole, as part of what goes over a connection. */
export interface WholeRequest {
  readonly method: string;
  readonly target: string;
  /** What is wrong about an answer, where the right one is known; undefined where nothing is. */
  readonly fault?: (answer: RawAnswer) => string | undefined;
  /** Answers of the 500s that would be right. */
  readonly mayBe: readonly number[];
}

/** What one connection carries. */
export interface HostileRequest {
  /** What it is, in a line. */
  readonly label: string;
  /** Written one after the other. */
  readonly pieces: readonly Buffer[];
  /** Owed an answer each, in this order. */
  readonly whole: readonly WholeRequest[];
  /** What comes behind them. */
  readonly tail: 'nothing' | TailKind;
  /** What the client does once all is written. */
  readonly ending: 'wait' | 'half-close' | 'abort';
}
