import { nearestName } from '../../core/nearest-name.js';
import { invalidArgument } from '../../core/serving-error.js';
import { shownValue } from '../../core/short-text.js';
import type { TaskPlan } from '../../core/task.js';
import type { NamedTensor } from '../../core/tensor.js';
import type { TensorSpec } from '../../core/tensor-spec.js';
import { ParameterReader, type TaskParameters } from '../parameters.js';
import type { DenseLayer } from './dense-layer.js';
import { normalized, pooled } from './pooling.js';
import type { HeadCall, HeadRow, TextHead } from './text-head.js';

export interface EmbeddingHeadOptions {
  readonly settings: TaskPlan['settings'];
  readonly dense: readonly DenseLayer[];
  /** Of the answer, where it is known. */
  readonly width: number | null;
  /** Tokens of a text's beginning that are a prompt's and are not pooled. */
  readonly promptTokens: (prompt: string) => number;
}

/** From the graph's output to one vector a text. */
export class EmbeddingHead implements TextHead<Float32Array> {
  readonly outputs: readonly TensorSpec[];
  readonly pairs = 'no';
  readonly needsDetails = false;
  readonly #options: EmbeddingHeadOptions;

  constructor(options: EmbeddingHeadOptions) {
    this.#options = options;
    this.outputs = [{ name: 'embedding', dataType: 'FP32', shape: [null, options.width] }];
  }

  begin(parameters: TaskParameters): HeadCall<Float32Array> {
    const { settings, promptTokens } = this.#options;
    const reader = new ParameterReader(parameters);
    const isNormalized = reader.truth('normalize') ?? settings.normalize ?? false;
    const dimensions = reader.count('dimensions');
    const promptName = reader.text('prompt_name') ?? settings.defaultPrompt;
    const truncates = reader.truth('truncate') ?? true;
    reader.finish();
    const prompt = promptName === undefined ? undefined : this.#prompt(promptName);
    const skipped = prompt === undefined || settings.poolsPrompt !== false ? 0 : promptTokens(prompt);
    return {
      wishes: { prompt, truncates },
      row: (row) => {
        const whole = this.#vector(row, skipped);
        if (dimensions !== undefined && dimensions > whole.length) throw tooMany(dimensions, whole.length);
        const vector = dimensions === undefined ? whole : whole.slice(0, dimensions);
        return isNormalized ? normalized(vector) : vector;
      },
      outputsOf: (rows) => [embeddings(rows.map(([vector]) => vector as Float32Array))],
    };
  }

  #prompt(name: string): string {
    const { prompts = {} } = this.#options.settings;
    if (Object.hasOwn(prompts, name)) return prompts[name] as string;
    // sentence-transformers writes these two, empty, where a model has none.
    if (name === 'query' || name === 'document') return '';
    const known = Object.keys(prompts);
    const nearest = nearestName(name, known);
    const hint =
      nearest === undefined ? `the model's prompts are ${known.join(', ') || 'none'}` : `did you mean "${nearest}"?`;
    throw invalidArgument(`parameters: prompt_name: ${shownValue(name)} is not known; ${hint}`);
  }

  #vector({ values, width, sequence, from }: HeadRow, skipped: number): Float32Array {
    const { settings, dense } = this.#options;
    const { pooling = 'none' } = settings;
    const to = from + sequence.ids.length;
    const first =
      pooling === 'none'
        ? Float32Array.from({ length: width }, (_, at) => values[at] as number)
        : pooled(pooling, { values, width, from: Math.min(from + skipped, to), to });
    return dense.reduce((vector, layer) => layer.apply(vector), first);
  }
}

const tooMany = (dimensions: number, size: number): Error =>
  invalidArgument(`parameters: dimensions: expected up to ${size}, the size of the model's vectors, got ${dimensions}`);

function embeddings(vectors: readonly Float32Array[]): NamedTensor {
  const width = vectors[0]?.length ?? 0;
  const data = new Float32Array(vectors.length * width);
  for (const [row, vector] of vectors.entries()) data.set(vector, row * width);
  return { name: 'embedding', dataType: 'FP32', shape: [vectors.length, width], data };
}
