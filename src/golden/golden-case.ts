import type { InferenceRequest } from '../core/inference.js';
import type { ModelVersionId } from '../core/model.js';
import type { ModelConfig } from '../core/model-config.js';
import type { Inference } from '../core/servable.js';
import type { Tensor } from '../core/tensor.js';
import { formatSpec } from '../core/tensor-spec.js';
import type { ModelFacts } from '../inference/inference-codec.js';

/** A golden request as it is sent, whatever kind of file it comes from. */
export interface GoldenCase {
  /** Of its file, or of the folder of its files. */
  readonly name: string;
  readonly request: InferenceRequest;
  /** Where the inference is not what was expected, in words; undefined where it is. */
  difference(inference: Inference): string | undefined;
}

/** What is known of the version that is asked. */
export interface AskedVersion {
  readonly id: ModelVersionId;
  readonly config: ModelConfig;
  readonly model: ModelFacts;
}

/** `input "x" FP32[1, 4]` */
export function describeInputs({ inputs }: InferenceRequest): string {
  const shown = [...inputs].slice(0, mostInputs).map(([name, tensor]: [string, Tensor]) => {
    return `"${name}" ${formatSpec(tensor)}`;
  });
  const more = inputs.size > mostInputs ? ' …' : '';
  return `${inputs.size === 1 ? 'input' : 'inputs'} ${shown.join(', ')}${more}`;
}

const mostInputs = 4;
