import { JsonWriter, type JsonWriterOptions } from '../../codecs/json-writer.js';
import type { NamedTensor } from '../../core/tensor.js';
import type { ModelSignature, TensorSpec } from '../../core/tensor-spec.js';
import { type RowGroup, rowGroups, type SentRows } from '../tensorflow-serving/row-layout.js';

export interface PredictResponse {
  readonly outputs: readonly NamedTensor[];
  readonly signature: ModelSignature;
}

/** `{"predictions": […]}`: the values of the one output, or an object a row that names several. */
export function writePredictions(
  { outputs, signature }: PredictResponse,
  sent: SentRows,
  options: JsonWriterOptions,
): string | Buffer {
  const forms = formsOf(signature);
  const groups = rowGroups(outputs, sent, forms.size);
  const writer = new JsonWriter(options).raw('{"predictions":');
  if (outputs.length === 1) {
    const [only] = (groups[0] as RowGroup).outputs as readonly [NamedTensor];
    writeWhole(writer, only, forms.get(only.name) as OutputForm);
  } else {
    let separator = '[';
    for (const group of groups) {
      for (let row = 0; row < group.rows; row++, separator = ',') {
        writeRow(writer.raw(separator), group.outputs, row, forms);
      }
    }
    writer.raw(']');
  }
  return writer.raw('}').finish();
}

/** `{"outputs": value}`, or an object that names several. */
export function writeOutputs({ outputs, signature }: PredictResponse, options: JsonWriterOptions): string | Buffer {
  const forms = formsOf(signature);
  const writer = new JsonWriter(options).raw('{"outputs":');
  const [only] = outputs;
  if (outputs.length === 1 && only !== undefined) writeWhole(writer, only, forms.get(only.name) as OutputForm);
  else {
    let separator = '{';
    for (const output of outputs) {
      const form = forms.get(output.name) as OutputForm;
      writeWhole(writer.raw(separator).raw(form.key), output, form);
      separator = ',';
    }
    writer.raw(outputs.length === 0 ? '{}' : '}');
  }
  return writer.raw('}').finish();
}

/** How one output is written, whatever its values. */
interface OutputForm {
  /** Its name and a colon. */
  readonly key: string;
  /** TensorFlow Serving's rule for strings that may not be text. */
  readonly b64: boolean;
  /** Whether its strings are JSON themselves. */
  readonly json: boolean;
  /** Where the model's own output is a map a row: the brace or the comma, the label and the colon before each of its values. */
  readonly labels: readonly string[] | undefined;
}

type OutputForms = ReadonlyMap<string, OutputForm>;

/** Made once for a signature. */
const formsOfSignatures = new WeakMap<ModelSignature, OutputForms>();

function formsOf(signature: ModelSignature): OutputForms {
  const known = formsOfSignatures.get(signature);
  if (known !== undefined) return known;
  const forms = new Map(signature.outputs.map((spec) => [spec.name, outputForm(spec)]));
  formsOfSignatures.set(signature, forms);
  return forms;
}

const outputForm = ({ name, dataType, isMap, classLabels, content }: TensorSpec): OutputForm => ({
  key: `${JSON.stringify(name)}:`,
  b64: dataType === 'BYTES' && name.endsWith('_bytes'),
  json: content === 'json',
  labels:
    isMap === true
      ? classLabels?.map((label, index) => `${index === 0 ? '{' : ','}${JSON.stringify(String(label))}:`)
      : undefined,
});

/** The value of the one output, or an object that names several. */
function writeRow(writer: JsonWriter, outputs: readonly NamedTensor[], row: number, forms: OutputForms): void {
  const [only, second] = outputs;
  if (only !== undefined && second === undefined) {
    writeValue(writer, only, row, forms.get(only.name) as OutputForm);
    return;
  }
  let separator = '{';
  for (const output of outputs) {
    const form = forms.get(output.name) as OutputForm;
    writeValue(writer.raw(separator).raw(form.key), output, row, form);
    separator = ',';
  }
  writer.raw('}');
}

function writeWhole(writer: JsonWriter, output: NamedTensor, form: OutputForm): void {
  if (!isMapped(output, form)) {
    writer.nested(output, form);
    return;
  }
  const rows = output.shape[0] as number;
  writer.raw('[');
  for (let row = 0; row < rows; row++) writeValue(row === 0 ? writer : writer.raw(','), output, row, form);
  writer.raw(']');
}

/** One row of an output: values, or an object of label → value. */
function writeValue(writer: JsonWriter, output: NamedTensor, row: number, form: OutputForm): void {
  if (form.labels === undefined || !isMapped(output, form)) {
    writer.row(output, row, form);
    return;
  }
  // The same values, one after another.
  const values = { ...output, shape: [output.data.length] };
  form.labels.forEach((label, column) => void writer.raw(label).row(values, row * form.labels.length + column));
  writer.raw('}');
}

const isMapped = ({ shape }: NamedTensor, form: OutputForm): form is OutputForm & { labels: readonly string[] } =>
  form.labels !== undefined && shape.length === 2 && shape[1] === form.labels.length;
