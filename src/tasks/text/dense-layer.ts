import { readSafeTensors } from './safetensors.js';

type Activation = (value: number) => number;

const activations: Readonly<Record<string, Activation>> = {
  Identity: (value) => value,
  Tanh: Math.tanh,
  ReLU: (value) => Math.max(0, value),
  Sigmoid: (value) => 1 / (1 + Math.exp(-value)),
};

/** A dense layer behind the pooling, as sentence-transformers saves it. */
export class DenseLayer {
  /** Of what it takes and gives. */
  readonly inputWidth: number;
  readonly width: number;
  readonly #weights: Float32Array;
  readonly #bias: Float32Array | undefined;
  readonly #activation: Activation;

  /** `config`: its config.json. Throws an Error that says what is wrong. */
  constructor(config: unknown, weights: Uint8Array) {
    const { activation_function: path = 'Identity', bias = true } = (config ?? {}) as Record<string, unknown>;
    const name = String(path).split('.').at(-1) as string;
    const activation = Object.hasOwn(activations, name) ? activations[name] : undefined;
    if (activation === undefined) throw new Error(`its activation function ${name} is not known`);
    const tensors = readSafeTensors(weights);
    const matrix = tensors.get('linear.weight');
    const [width, inputWidth] = matrix?.shape ?? [];
    if (matrix === undefined || width === undefined || inputWidth === undefined || matrix.shape.length !== 2) {
      throw new Error('it has no matrix "linear.weight"');
    }
    this.#bias = bias === false ? undefined : tensors.get('linear.bias')?.values;
    if (this.#bias !== undefined && this.#bias.length !== width)
      throw new Error('its "linear.bias" has another length');
    this.#weights = matrix.values;
    this.#activation = activation;
    this.width = width;
    this.inputWidth = inputWidth;
  }

  apply(vector: Float32Array): Float32Array {
    const result = new Float32Array(this.width);
    for (let row = 0; row < this.width; row++) {
      let sum = this.#bias?.[row] ?? 0;
      const start = row * this.inputWidth;
      for (let at = 0; at < this.inputWidth; at++)
        sum += (this.#weights[start + at] as number) * (vector[at] as number);
      result[row] = this.#activation(sum);
    }
    return result;
  }
}
