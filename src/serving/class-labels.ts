import type { ModelConfig } from '../core/model-config.js';
import type { PreparedModel } from '../core/model-source.js';
import { invalidArgument } from '../core/serving-error.js';

/** Names from `model.json` for the positions of outputs' last axes; they count for more than the file's own. */
export function withClassLabels(prepared: PreparedModel, labels: ModelConfig['classLabels']): PreparedModel {
  if (labels === undefined) return prepared;
  const { inputs, outputs } = prepared.signature;
  for (const name of Object.keys(labels)) {
    if (outputs.some((output) => output.name === name)) continue;
    const known = outputs.map((output) => `"${output.name}"`).join(', ');
    throw invalidArgument(`classLabels in model.json names the output "${name}", but the model's outputs are ${known}`);
  }
  const labelled = outputs.map((output) => {
    const classLabels = Object.hasOwn(labels, output.name) ? labels[output.name] : undefined;
    return classLabels === undefined ? output : { ...output, classLabels };
  });
  return { ...prepared, signature: { inputs, outputs: labelled } };
}
