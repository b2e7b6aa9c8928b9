import { ProcessFailure } from '../../core/process-failure.js';
import type { NamedTensor } from '../../core/tensor.js';
import type { ModelSignature } from '../../core/tensor-spec.js';
import { nudges } from './nudged.js';
import { agrees, areDistinct, type RowOutput } from './row-output.js';
import type { RowSeed } from './row-pool.js';
import { isRunFailure, type RowOutputs, type RowRuns } from './row-runs.js';
import { type SampleRecipe, SampleTooLarge } from './sample-shapes.js';

export interface ProofPassOptions {
  readonly runs: RowRuns;
  readonly signature: Pick<ModelSignature, 'outputs'>;
  readonly recipe: Pick<SampleRecipe, 'kind'>;
  /** Rows that every run has, where the model fixes them. */
  readonly fixedRows?: number | undefined;
}

const bytesInOneGo = 2 ** 18;

/** Rows of one shape, each compared with itself: as it is answered alone and beside others. */
export class ProofPass {
  readonly #options: ProofPassOptions;
  readonly #alone = new Map<RowSeed, RowOutputs>();
  /** Rows that ran beside others. */
  readonly #compared = new Set<RowSeed>();
  /** Of rows that were not answered as they are alone: answers to them with inputs moved by rounding. */
  readonly #swayed = new Map<RowSeed, readonly RowOutputs[]>();
  /** By output: rows that rounding alone changes so much that a comparison told nothing. */
  readonly #unsteady = new Map<string, Set<RowSeed>>();

  constructor(options: ProofPassOptions) {
    this.#options = options;
  }

  /** Rows that the model took, in the order they were given. */
  get pool(): readonly RowSeed[] {
    return [...this.#alone.keys()];
  }

  /** Asks the model about each row by itself; rows that it does not take are left out. Gives a problem, if there is one. */
  async collect(seeds: readonly RowSeed[]): Promise<string | undefined> {
    const failed = new Set<unknown>();
    for (const seed of seeds) {
      // A kind of values that ended the engine is not tried again, nor is one that was failed.
      if (failed.has(seed.kind) || failed.has(ProcessFailure)) continue;
      try {
        const problem = await this.#ask(seed);
        if (problem !== undefined) return problem;
      } catch (error) {
        if (!isRunFailure(error)) throw error;
        if (error instanceof ProcessFailure) failed.add(ProcessFailure);
        // Of the kind that it was loaded with, it takes some.
        else if (seed.kind !== this.#options.recipe.kind) failed.add(seed.kind);
      }
    }
    return undefined;
  }

  /** Outputs for which rows had different answers; rows count whose comparisons told something. */
  distinctOutputs(): ReadonlySet<string> {
    const names = this.#options.signature.outputs.map(({ name }) => name);
    const isCompared = (seed: RowSeed): boolean => this.#compared.size === 0 || this.#compared.has(seed);
    const rows = [...this.#alone].filter(([seed]) => !Number.isNaN(seed.kind.floats) && isCompared(seed));
    const differ = (name: string): boolean => {
      const steady = rows
        .filter(([seed]) => !this.#unsteady.get(name)?.has(seed))
        .map(([, answer]) => answer.get(name));
      const [first] = steady;
      return steady.some((answer) => areDistinct(first as RowOutput, answer as RowOutput));
    };
    return new Set(names.filter(differ));
  }

  /** Whether rounding alone changed the output of some row more than a comparison could tell. */
  isUnsteady(output: string): boolean {
    return this.#unsteady.has(output);
  }

  /** Runs the rows together; a sentence about the first output in which one is not what it is alone. */
  async compare(seeds: readonly RowSeed[]): Promise<string | undefined> {
    let outputs: readonly NamedTensor[];
    try {
      outputs = await this.#options.runs.run(seeds);
    } catch (error) {
      if (!isRunFailure(error) || error instanceof SampleTooLarge) throw error;
      return error instanceof ProcessFailure
        ? 'a run of several made-up rows ended the engine process'
        : 'it takes rows one by one that it does not take together';
    }
    const problem = this.#options.runs.shapeProblem(outputs, seeds.length);
    if (problem !== undefined) return problem;
    let compared = 0;
    for (const [row, seed] of seeds.entries()) {
      this.#compared.add(seed);
      compared += this.#options.runs.responseBytes;
      if (compared > bytesInOneGo) {
        // Requests to other models are read by the same thread.
        await new Promise((resolve) => setImmediate(resolve));
        compared = 0;
      }
      const different = await this.#differing(seed, this.#options.runs.outputsOf(outputs, row));
      if (different !== undefined) return dependent(different);
    }
    return undefined;
  }

  /** The answer to a row by itself; in a run of fixed size beside copies of itself, as where a batch is filled up. */
  async #ask(seed: RowSeed): Promise<string | undefined> {
    const { fixedRows = 1 } = this.#options;
    const outputs = await this.#options.runs.run(new Array<RowSeed>(fixedRows).fill(seed));
    const problem = this.#options.runs.shapeProblem(outputs, fixedRows);
    if (problem !== undefined) return problem;
    const answers = this.#options.runs.outputsOf(outputs, 0);
    const [known] = this.#alone.values();
    for (const [name, { shape }] of answers) {
      if (known !== undefined && known.get(name)?.shape.join() !== shape.join()) return valueSized(name);
    }
    this.#alone.set(seed, answers);
    for (let row = 1; row < fixedRows; row++) {
      const different = await this.#differing(seed, this.#options.runs.outputsOf(outputs, row));
      if (different !== undefined) return `output "${different}" of a row changes with its place in a run`;
    }
    return undefined;
  }

  async #differing(seed: RowSeed, beside: RowOutputs): Promise<string | undefined> {
    const alone = this.#alone.get(seed) as RowOutputs;
    const others = [...this.#alone.values()];
    const other = (others[0] === alone ? (others[1] ?? alone) : others[0]) as RowOutputs;
    for (const [name, answer] of alone) {
      const [there, spread] = [beside.get(name) as RowOutput, other.get(name) as RowOutput];
      if (agrees(answer, there, spread)) continue;
      const swayed = (await this.#sways(seed)).map((answers) => answers.get(name) as RowOutput);
      if (!agrees(answer, there, spread, swayed)) return name;
      this.#unsteady.set(name, (this.#unsteady.get(name) ?? new Set()).add(seed));
    }
    return undefined;
  }

  /** What rounding may make of the row: none where the model does not take it any more. */
  async #sways(seed: RowSeed): Promise<readonly RowOutputs[]> {
    let swayed = this.#swayed.get(seed);
    if (swayed !== undefined) return swayed;
    const { fixedRows = 1 } = this.#options;
    try {
      const runs = [];
      for (const nudge of nudges)
        runs.push(await this.#options.runs.run(new Array<RowSeed>(fixedRows).fill(seed), nudge));
      const isAlike = runs.every((outputs) => this.#options.runs.shapeProblem(outputs, fixedRows) === undefined);
      swayed = isAlike ? runs.map((outputs) => this.#options.runs.outputsOf(outputs, 0)) : [];
    } catch (error) {
      if (!isRunFailure(error)) throw error;
      swayed = [];
    }
    this.#swayed.set(seed, swayed);
    return swayed;
  }
}

const dependent = (output: string): string =>
  `output "${output}" of a row changes with the rows beside it, or from run to run`;

const valueSized = (output: string): string => `the size of output "${output}" changes with the values of a row`;
