import { JsonWriter, type NonFinite } from '../../codecs/json-writer.js';
import { invalidArgument } from '../../core/serving-error.js';
import { type NamedTensor, sliceData } from '../../core/tensor.js';
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

/** `{"results": [[[label, score], …], …]}`, classes in the model's own order. */
export function writeClasses(scores: NamedTensor, spec: TensorSpec, nonFinite: NonFinite): string | Buffer {
  const [rows = 0, classes = 0] = scores.shape;
  const labels = Array.from({ length: classes }, (_, index) =>
    JSON.stringify(String(spec.classLabels?.[index] ?? index)),
  );
  const writer = new JsonWriter({ nonFinite }).raw('{"results":[');
  for (let row = 0; row < rows; row++) {
    writer.raw(row === 0 ? '[' : ',[');
    for (let index = 0; index < classes; index++) {
      const at = row * classes + index;
      const score = { ...scores, shape: [], data: sliceData(scores.data, at, at + 1) };
      writer
        .raw(`${index === 0 ? '' : ','}[${labels[index]},`)
        .nested(score)
        .raw(']');
    }
    writer.raw(']');
  }
  return writer.raw(']}').finish();
}
