import type { ModelConfig } from '../core/model-config.js';
import type { PreparedModel } from '../core/model-source.js';
import { nearestName } from '../core/nearest-name.js';
import { invalidArgument } from '../core/serving-error.js';
import type { TensorSpec } from '../core/tensor-spec.js';
import { withDeclaredTensors } from './declared-tensors.js';

/**
 * A model as its settings want it to be served: the tensors that `config.pbtxt` declares, the outputs that `model.json`
 * names, in its order, and class labels, which count for more than the file's own. Throws INVALID_ARGUMENT where they name
 * a tensor that the model does not have, or declare one otherwise than it is.
 */
export function withModelSettings(
  prepared: PreparedModel,
  { tensors, outputs, classLabels = {} }: Pick<ModelConfig, 'tensors' | 'outputs' | 'classLabels'>,
): PreparedModel {
  const declared =
    tensors === undefined
      ? prepared
      : { ...prepared, ...withDeclaredTensors(prepared.signature, tensors, outputs === undefined) };
  const { signature } = declared;
  for (const name of Object.keys(classLabels)) requireOutput(name, signature.outputs, 'classLabels');
  const served = outputs?.map((name) => requireOutput(name, signature.outputs, 'outputs')) ?? signature.outputs;
  const labelled = served.map((output) => {
    const labels = Object.hasOwn(classLabels, output.name) ? classLabels[output.name] : undefined;
    return labels === undefined ? output : { ...output, classLabels: labels };
  });
  return { ...declared, signature: { inputs: signature.inputs, outputs: labelled } };
}

function requireOutput(name: string, outputs: readonly TensorSpec[], setting: string): TensorSpec {
  const output = outputs.find((candidate) => candidate.name === name);
  if (output === undefined) throw invalidArgument(unknownOutput(name, outputs, setting));
  return output;
}

/** A sentence about a setting that names an output which the model does not have. */
export function unknownOutput(name: string, outputs: readonly TensorSpec[], setting: string): string {
  return `${setting} in model.json names the output "${name}", which the model does not have; ${hint(name, outputs)}`;
}

function hint(name: string, outputs: readonly TensorSpec[]): string {
  const names = outputs.map((output) => output.name);
  const nearest = nearestName(name, names);
  return nearest === undefined
    ? `the model's outputs are ${names.map((known) => `"${known}"`).join(', ')}`
    : `did you mean "${nearest}"?`;
}
