import { JsonWriter, type NonFinite } from '../../codecs/json-writer.js';
import { invalidArgument } from '../../core/serving-error.js';
import type { NamedTensor } from '../../core/tensor.js';
import { formatShape } from '../../core/tensor-spec.js';

/** `{"predictions": […]}`: the values of the one output, or an object a row that names several. */
export function writePredictions(outputs: readonly NamedTensor[], rows: number, nonFinite: NonFinite): Buffer {
  for (const output of outputs) requireRows(output, rows);
  const writer = new JsonWriter({ nonFinite }).raw('{"predictions":');
  const [only] = outputs;
  if (outputs.length === 1 && only !== undefined) writer.nested(only, encodingOf(only));
  else writeNamedRows(writer, outputs, rows);
  return writer.raw('}').finish();
}

/** `{"outputs": value}`, or an object that names several. */
export function writeOutputs(outputs: readonly NamedTensor[], nonFinite: NonFinite): Buffer {
  const writer = new JsonWriter({ nonFinite }).raw('{"outputs":');
  const [only] = outputs;
  if (outputs.length === 1 && only !== undefined) {
    writer.nested(only, encodingOf(only));
  } else {
    const keys = keysOf(outputs);
    outputs.forEach((output, index) => void writer.raw(keys[index]!).nested(output, encodingOf(output)));
    writer.raw(outputs.length === 0 ? '{}' : '}');
  }
  return writer.raw('}').finish();
}

function writeNamedRows(writer: JsonWriter, outputs: readonly NamedTensor[], rows: number): void {
  const keys = keysOf(outputs);
  const encodings = outputs.map(encodingOf);
  for (let row = 0; row < rows; row++) {
    writer.raw(row === 0 ? '[' : '},');
    outputs.forEach((output, index) => void writer.raw(keys[index]!).row(output, row, encodings[index]!));
  }
  writer.raw('}]');
}

/** The opening brace or the comma, and the name, before each value of an object. */
const keysOf = (outputs: readonly NamedTensor[]): string[] =>
  outputs.map(({ name }, index) => `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`);

/** TensorFlow Serving's rule for strings that may not be text. */
const encodingOf = ({ name, dataType }: NamedTensor): { b64: boolean } => ({
  b64: dataType === 'BYTES' && name.endsWith('_bytes'),
});

function requireRows({ name, shape }: NamedTensor, rows: number): void {
  if (shape[0] === rows) return;
  throw invalidArgument(
    `output "${name}" has shape ${formatShape(shape)}, which is not one value a row for ${rows} rows; send {"inputs": …} instead of {"instances": …} to get it whole`,
  );
}
