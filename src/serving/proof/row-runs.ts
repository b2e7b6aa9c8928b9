import { ProcessFailure } from '../../core/process-failure.js';
import { ServingError } from '../../core/serving-error.js';
import { dataBytes, isStrings, type NamedTensor, type TensorData } from '../../core/tensor.js';
import type { ModelSignature } from '../../core/tensor-spec.js';
import type { InputAxes } from './candidate-axes.js';
import { type Nudge, nudged } from './nudged.js';
import { type OutputAxes, outputAxes } from './output-axes.js';
import { type RowOutput, rowOutput } from './row-output.js';
import { composeRows, type RowSeed } from './row-pool.js';
import type { RunInputs } from './run-inputs.js';
import { type SampleRecipe, SampleTooLarge } from './sample-shapes.js';

export interface RowRunsOptions {
  readonly run: RunInputs;
  readonly signature: ModelSignature;
  readonly axes: InputAxes;
  /** Rows that every run has, where the model fixes them. */
  readonly fixedRows?: number | undefined;
  /** Outputs known to be the same whatever the inputs. */
  readonly constants: ReadonlySet<string>;
  readonly recipe: SampleRecipe;
  /** Which values the inputs have that all rows share. */
  readonly shared: number;
  /** A response of more bytes is rejected. */
  readonly responseLimitBytes: number;
}

/** An answer of a row, by output. */
export type RowOutputs = ReadonlyMap<string, RowOutput>;

/** Runs of made-up rows, what they cost, and where each row's answer lies in the outputs. */
export class RowRuns {
  readonly #options: RowRunsOptions;
  #axes: ReadonlyMap<string, number> = new Map();
  /** Bytes of the answer to a row. */
  responseBytes = 0;
  /** The shortest run of a row. */
  rowMs = Number.POSITIVE_INFINITY;

  constructor(options: RowRunsOptions) {
    this.#options = options;
  }

  /**
   * Finds the axis of each output by runs of so many rows; where the model does not take these rows, of the first one
   * again and again. Throws what the model fails with.
   */
  async findAxes(rows: readonly RowSeed[], counts = [1, 2, 3]): Promise<OutputAxes> {
    try {
      return await this.#findAxes(rows, counts);
    } catch (error) {
      if (!(error instanceof ServingError) || error instanceof SampleTooLarge || rows.length < 2) throw error;
      return this.#findAxes(rows.slice(0, 1), counts);
    }
  }

  async #findAxes(rows: readonly RowSeed[], counts: readonly number[]): Promise<OutputAxes> {
    const { fixedRows, constants, responseLimitBytes } = this.#options;
    const runs = [];
    for (const count of fixedRows === undefined ? counts : [fixedRows]) {
      if (runs.length > 1 && count * this.responseBytes > responseLimitBytes) break;
      const seeds = Array.from({ length: count }, (_, at) => rows[at % rows.length] as RowSeed);
      runs.push({ rows: count, outputs: await this.run(seeds) });
    }
    const found = outputAxes(runs, constants, fixedRows !== undefined);
    if ('axes' in found) this.#axes = found.axes;
    return found;
  }

  /** Outputs of a run of these rows; `nudge`: with inputs moved by rounding. */
  async run(seeds: readonly RowSeed[], nudge?: Nudge): Promise<readonly NamedTensor[]> {
    const { run, signature, axes, recipe, shared } = this.#options;
    const inputs = composeRows({ signature, recipe, axes, shared }, seeds);
    const { outputs, computeMs } = await run(
      nudge === undefined ? inputs : inputs.map((input) => nudged(input, nudge)),
    );
    if (seeds.length === (this.#options.fixedRows ?? 1)) this.rowMs = Math.min(this.rowMs, computeMs / seeds.length);
    const bytes = outputs.reduce((sum, { data }) => sum + Math.max(dataBytes(data), memoryOf(data)), 0);
    this.responseBytes = Math.max(this.responseBytes, bytes / Math.max(1, seeds.length));
    return outputs;
  }

  /** A sentence about an output that does not have a row for each row of the run. */
  shapeProblem(outputs: readonly NamedTensor[], rows: number): string | undefined {
    for (const { name, shape } of outputs) {
      const axis = this.#axes.get(name);
      if (axis !== undefined && shape[axis] !== rows) return `output "${name}" has no batch axis`;
    }
    return undefined;
  }

  outputsOf(outputs: readonly NamedTensor[], row: number): RowOutputs {
    return new Map(outputs.map((output) => [output.name, rowOutput(output, this.#axes.get(output.name), row)]));
  }
}

const memoryOf = (data: TensorData): number => (isStrings(data) ? 64 * data.length : data.byteLength);

/** The model does not take the inputs; what else goes wrong ends the proof. */
export const isRunFailure = (error: unknown): error is ServingError | ProcessFailure =>
  error instanceof ServingError || (error instanceof ProcessFailure && error.kind !== 'CLOSED');
