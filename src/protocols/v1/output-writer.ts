import type { JsonWriter } from '../../codecs/json-writer.js';
import type { NamedTensor } from '../../core/tensor.js';
import type { ModelSignature } from '../../core/tensor-spec.js';
import { outputSpec } from '../signature-lookup.js';

/** Writes one output as values, or its rows as objects where the model's own output is a map a row. */
export class OutputWriter {
  readonly name: string;
  readonly #output: NamedTensor;
  /** TensorFlow Serving's rule for strings that may not be text. */
  readonly #encoding: { readonly b64: boolean };
  /** The opening brace or the comma, and the label, before each value of a row; absent for plain values. */
  readonly #keys: readonly string[] | undefined;

  constructor(output: NamedTensor, signature: ModelSignature) {
    this.name = output.name;
    this.#output = output;
    this.#encoding = { b64: output.dataType === 'BYTES' && output.name.endsWith('_bytes') };
    this.#keys = keysOf(output, signature);
  }

  writeAll(writer: JsonWriter): void {
    if (this.#keys === undefined) {
      writer.nested(this.#output, this.#encoding);
      return;
    }
    const rows = this.#output.shape[0] ?? 0;
    writer.raw('[');
    for (let row = 0; row < rows; row++) this.writeRow(row === 0 ? writer : writer.raw(','), row);
    writer.raw(']');
  }

  writeRow(writer: JsonWriter, row: number): void {
    const keys = this.#keys;
    if (keys === undefined) {
      writer.row(this.#output, row, this.#encoding);
      return;
    }
    // The same values, one after another.
    const values = { ...this.#output, shape: [this.#output.data.length] };
    keys.forEach((key, column) => void writer.raw(key).row(values, row * keys.length + column));
    writer.raw('}');
  }
}

function keysOf(output: NamedTensor, signature: ModelSignature): string[] | undefined {
  const { isMap, classLabels } = outputSpec(signature, output.name);
  if (isMap !== true || classLabels === undefined) return undefined;
  if (output.shape.length !== 2 || output.shape[1] !== classLabels.length) return undefined;
  return classLabels.map((label, index) => `${index === 0 ? '{' : ','}${JSON.stringify(String(label))}:`);
}
