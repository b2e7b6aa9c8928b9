import type { InferenceRequest } from '../../src/core/inference.js';
import type { Batching } from '../../src/core/model.js';
import type { Inference, Servable, ServableFacts } from '../../src/core/servable.js';
import type { NamedTensor } from '../../src/core/tensor.js';
import type { ClientSignature, TensorSpec } from '../../src/core/tensor-spec.js';
import type { RequestLayer } from '../../src/serving/layers.js';
import { InnerFacts, Step } from '../../src/serving/step.js';
import { validateInputs } from '../../src/serving/validate-inputs.js';

/**
 * A step that changes what goes in and comes out: callers of a classifier send bytes, from 0 to 255, where the model takes
 * floats from 0 to 1, and get the name of the best class in place of all scores.
 */
export const namedClasses: RequestLayer = (inner) => {
  const { inputs, outputs } = inner.description.signature;
  const [input, output] = [inputs[0], outputs[0]];
  const isNeeded = inputs.length === 1 && outputs.length === 1 && input?.dataType === 'FP32' && output?.classLabels;
  return isNeeded ? new NamedClasses(inner, input, output) : inner;
};

/** The tensors as callers know them. */
const [bytes, best] = ['bytes', 'class'];

class NamedClasses extends Step {
  readonly #input: TensorSpec;
  readonly #labels: readonly (string | number)[];

  constructor(inner: Servable, input: TensorSpec, output: TensorSpec) {
    super(inner, new ClassFacts(inner.description, input, output));
    this.#input = input;
    this.#labels = output.classLabels ?? [];
  }

  before(request: InferenceRequest): InferenceRequest {
    const { signature, batching } = this.description;
    const [{ shape, data }] = validateInputs(request, { signature, batching, allOutputs: [best] }).inputs as [
      NamedTensor,
    ];
    const scaled = Float32Array.from(data as Uint8Array, (value) => value / 255);
    const { inputs: _, outputs: __, separateRows, ...rest } = request;
    return {
      ...rest,
      inputs: new Map([[this.#input.name, { dataType: 'FP32', shape, data: scaled }]]),
      separateRows: separateRows && { axes: this.inner.description.batching.axes },
    };
  }

  after(inference: Inference): Inference {
    return { ...inference, outputs: inference.outputs.map((scores) => this.#bestOf(scores)) };
  }

  #bestOf({ shape, data }: NamedTensor): NamedTensor {
    const [rows = 0, width = 0] = shape;
    const names = Array.from({ length: rows }, (_, row) => {
      const scores = (data as Float32Array).subarray(row * width, (row + 1) * width);
      return String(this.#labels[scores.indexOf(Math.max(...scores))]);
    });
    return { name: best, dataType: 'BYTES', shape: [rows], data: names };
  }
}

/** What callers see of it; rows lie where they lay. */
class ClassFacts extends InnerFacts {
  readonly #signature: ClientSignature;

  constructor(inner: ServableFacts, input: TensorSpec, output: TensorSpec) {
    super(inner);
    const rows = output.shape?.slice(0, 1) ?? null;
    this.#signature = {
      inputs: [{ name: bytes, dataType: 'UINT8', shape: input.shape }],
      outputs: [{ name: best, dataType: 'BYTES', shape: rows }],
    };
  }

  override get signature(): ClientSignature {
    return this.#signature;
  }

  override get batching(): Batching {
    const { batching } = this.inner;
    const axes = { inputs: new Map([[bytes, 0]]), outputs: new Map([[best, 0]]) };
    return batching.axes === undefined ? batching : { ...batching, axes };
  }

  /** Made-up floats say nothing about bytes. */
  override get sample(): readonly NamedTensor[] {
    return [];
  }
}
