import { invalidArgument } from '../core/serving-error.js';

/**
 * Follows nested arrays as they are read: knows where it is, infers the shape, and refuses ragged data.
 * With `flat`, any nesting will do.
 */
export class Nesting {
  readonly #subject: string;
  readonly #flat: boolean;
  /** Sizes known so far; -1 until an array of that depth has ended. */
  readonly #shape: number[] = [];
  /** How many items each open array has had. */
  readonly #position: number[] = [];
  #elementDepth = -1;

  constructor(subject: string, options: { flat?: boolean } = {}) {
    this.#subject = subject;
    this.#flat = options.flat ?? false;
  }

  /** Once everything was read. */
  get shape(): number[] {
    return this.#shape;
  }

  open(): void {
    const depth = this.#position.length;
    if (depth === this.#elementDepth && !this.#flat) this.#ragged('an array', 'a single value');
    if (this.#shape.length === depth) this.#shape.push(-1);
    this.#position.push(0);
  }

  close(): void {
    const size = this.#position.pop() as number;
    const depth = this.#position.length;
    const known = this.#shape[depth] as number;
    if (known === -1) this.#shape[depth] = size;
    else if (known !== size && !this.#flat) this.#ragged(`an array of ${size}`, `an array of ${known}`);
    this.#advance(1);
  }

  /** `count` elements follow each other; at least one. */
  elements(count: number): void {
    const depth = this.#position.length;
    if (this.#elementDepth === -1 && this.#shape.length === depth) this.#elementDepth = depth;
    else if (depth !== this.#elementDepth && !this.#flat) this.#ragged('a single value', 'an array');
    this.#advance(count);
  }

  /** Names the value that comes next: `input "x" at [0][2]`. */
  describe(): string {
    return this.#position.length === 0 ? this.#subject : `${this.#subject} at [${this.#position.join('][')}]`;
  }

  #advance(count: number): void {
    const last = this.#position.length - 1;
    if (last >= 0) this.#position[last] = (this.#position[last] as number) + count;
  }

  #ragged(got: string, expected: string): never {
    throw invalidArgument(
      `${this.describe()}: ragged array: got ${got} where its neighbours are ${expected}; all must have one shape`,
    );
  }
}
