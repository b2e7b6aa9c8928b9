import { axisOf, inputAxis, rowlessPart } from '../../core/batch-axes.js';
import type { ServableDescription } from '../../core/model.js';
import type { ModelSignature, TensorSpec } from '../../core/tensor-spec.js';
import { type JsonSchema, list, object, oneOf } from '../http/json-schema.js';
import { type Direction, tensorSchema } from './tensor-schema.js';

/** What v1's predict takes and gives for one model. */
export interface ModelSchemas {
  /** Whole tensors: the column form. */
  readonly inputs: JsonSchema;
  readonly outputs: JsonSchema;
  /** An item of the row form, and the answer to it; absent where the model has no rows. */
  readonly row?: { readonly sent: JsonSchema; readonly answered: JsonSchema };
}

export function modelSchemas({
  signature,
  batching,
}: Pick<ServableDescription, 'signature' | 'batching'>): ModelSchemas {
  const sole = signature.inputs.length === 1 ? signature.inputs[0] : undefined;
  const inputsBy = (axis: (spec: TensorSpec) => number | undefined): JsonSchema =>
    sole === undefined ? named(signature.inputs, 'sent', axis) : tensorSchema(sole, 'sent', axis(sole));
  const outputsBy = (axis: (spec: TensorSpec) => number | undefined): JsonSchema => {
    const [only, second] = signature.outputs;
    if (only !== undefined && second === undefined) return outputSchema(only, signature, axis(only));
    return object(
      Object.fromEntries(signature.outputs.map((spec) => [spec.name, outputSchema(spec, signature, axis(spec))])),
    );
  };
  const whole = (): undefined => undefined;
  const schemas = { inputs: inputsBy(whole), outputs: outputsBy(whole) };
  if (rowlessPart({ signature, batching }) !== undefined) return schemas;
  return {
    ...schemas,
    row: {
      sent: inputsBy(({ name }) => inputAxis(batching, name)),
      answered: outputsBy(({ name }) => axisOf(batching.axes?.outputs, name)),
    },
  };
}

function named(
  specs: readonly TensorSpec[],
  direction: Direction,
  axis: (spec: TensorSpec) => number | undefined,
): JsonSchema {
  const entries = (optional: boolean) =>
    specs
      .filter((spec) => (spec.optional === true) === optional)
      .map((spec) => [spec.name, tensorSchema(spec, direction, axis(spec))] as const);
  return object(Object.fromEntries(entries(false)), { optional: Object.fromEntries(entries(true)) });
}

/** The labels that a classifier chooses from are named at its scores. */
function outputSchema(spec: TensorSpec, { outputs }: ModelSignature, axis: number | undefined): JsonSchema {
  const labels = outputs.flatMap(({ classLabels }) => (classLabels === undefined ? [] : [classLabels]));
  const isLabel = spec.dataType === 'BYTES' && /label/i.test(spec.name) && spec.shape?.length === 1;
  if (!isLabel || labels.length !== 1 || !labels[0]!.every((label) => typeof label === 'string')) {
    return tensorSchema(spec, 'answered', axis);
  }
  const label = oneOf(labels[0] as readonly string[]);
  return axis === undefined ? list(label) : label;
}
