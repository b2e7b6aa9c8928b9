import { JsonWriter, type NonFinite } from '../../codecs/json-writer.js';
import { invalidArgument } from '../../core/serving-error.js';
import { elementCount, type NamedTensor } from '../../core/tensor.js';
import { formatShape, type ModelSignature, type TensorSpec } from '../../core/tensor-spec.js';
import { describeSpecs } from '../signature-lookup.js';

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

/** `{"results": [value, …]}`. */
export function writeValues(values: NamedTensor, rows: number, nonFinite: NonFinite): string | Buffer {
  if (elementCount(values.shape) !== rows) {
    throw invalidArgument(
      `output "${values.name}" has shape ${formatShape(values.shape)}, which is not a number a row for ${rows} examples; use predict`,
    );
  }
  return new JsonWriter({ nonFinite }).raw('{"results":').flat(values).raw('}').finish();
}
