import { invalidArgument } from '../../core/serving-error.js';
import type { ModelSignature, TensorSpec } from '../../core/tensor-spec.js';
import { describeSpecs } from '../signature-lookup.js';

const scoreTypes: readonly string[] = ['FP32', 'FP64', 'FP16', 'BF16'];

/** The output that holds a score for each class; throws INVALID_ARGUMENT where the model has none, or several. */
export function scoresOf({ outputs }: ModelSignature): TensorSpec {
  const scores = outputs.filter((spec) => scoreTypes.includes(spec.dataType) && (spec.shape?.length ?? 2) === 2);
  const labelled = scores.filter((spec) => spec.classLabels !== undefined);
  // One column without labels is a value, not a choice among classes.
  const [only, second] = labelled.length > 0 ? labelled : scores.filter(({ shape }) => shape?.[1] !== 1);
  if (only !== undefined && second === undefined) return only;
  throw invalidArgument(
    `classify needs one output with a score for each class, [batch, classes] of floats; the model gives ${describeSpecs(outputs)}; use predict`,
  );
}

/** The output that holds a number a row; throws INVALID_ARGUMENT where the model has none, or several. */
export function valuesOf({ outputs }: ModelSignature): TensorSpec {
  const values = outputs.filter((spec) => spec.dataType !== 'BYTES' && spec.dataType !== 'BOOL' && isOneARow(spec));
  const [only, second] = values;
  if (only !== undefined && second === undefined) return only;
  throw invalidArgument(
    `regress needs one output with a number a row, [batch] or [batch, 1]; the model gives ${describeSpecs(outputs)}; use predict`,
  );
}

const isOneARow = ({ shape }: TensorSpec): boolean =>
  shape === null || (shape.length > 0 && shape.slice(1).every((size) => size === 1 || typeof size !== 'number'));
