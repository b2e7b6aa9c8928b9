import { JsonWriter, type NonFinite } from '../../codecs/json-writer.js';
import { invalidArgument } from '../../core/serving-error.js';
import type { NamedTensor } from '../../core/tensor.js';
import { formatShape, type ModelSignature } from '../../core/tensor-spec.js';
import { OutputWriter } from './output-writer.js';

export interface PredictAnswer {
  readonly outputs: readonly NamedTensor[];
  readonly signature: ModelSignature;
}

/** `{"predictions": […]}`: the values of the one output, or an object a row that names several. */
export function writePredictions(answer: PredictAnswer, rows: number, nonFinite: NonFinite): string | Buffer {
  const { outputs, signature } = answer;
  for (const output of outputs) requireRows(output, rows);
  const writers = outputs.map((output) => new OutputWriter(output, signature));
  const writer = new JsonWriter({ nonFinite }).raw('{"predictions":');
  const [only] = writers;
  if (writers.length === 1 && only !== undefined) only.writeAll(writer);
  else writeNamedRows(writer, writers, rows);
  return writer.raw('}').finish();
}

/** `{"outputs": value}`, or an object that names several. */
export function writeOutputs({ outputs, signature }: PredictAnswer, nonFinite: NonFinite): string | Buffer {
  const writers = outputs.map((output) => new OutputWriter(output, signature));
  const writer = new JsonWriter({ nonFinite }).raw('{"outputs":');
  const [only] = writers;
  if (writers.length === 1 && only !== undefined) {
    only.writeAll(writer);
  } else {
    const keys = keysOf(outputs);
    writers.forEach((output, index) => void output.writeAll(writer.raw(keys[index]!)));
    writer.raw(outputs.length === 0 ? '{}' : '}');
  }
  return writer.raw('}').finish();
}

function writeNamedRows(writer: JsonWriter, outputs: readonly OutputWriter[], rows: number): void {
  const keys = keysOf(outputs);
  for (let row = 0; row < rows; row++) {
    writer.raw(row === 0 ? '[' : '},');
    outputs.forEach((output, index) => void output.writeRow(writer.raw(keys[index]!), row));
  }
  writer.raw('}]');
}

/** The opening brace or the comma, and the name, before each value of an object. */
const keysOf = (outputs: readonly { readonly name: string }[]): string[] =>
  outputs.map(({ name }, index) => `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`);

function requireRows({ name, shape }: NamedTensor, rows: number): void {
  if (shape[0] === rows) return;
  throw invalidArgument(
    `output "${name}" has shape ${formatShape(shape)}, which is not one value a row for ${rows} rows; send {"inputs": …} instead of {"instances": …} to get it whole`,
  );
}
