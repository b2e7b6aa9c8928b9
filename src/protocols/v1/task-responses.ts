import { JsonWriter, type JsonWriterOptions } from '../../codecs/json-writer.js';
import { axisOf } from '../../core/batch-axes.js';
import { invalidArgument } from '../../core/serving-error.js';
import { elementCount, type NamedTensor, sliceData } from '../../core/tensor.js';
import { formatShape, type TensorSpec } from '../../core/tensor-spec.js';
import { rowGroups, type SentRows } from '../tensorflow-serving/row-layout.js';

export interface ClassesWishes {
  readonly rows: SentRows;
  readonly spec: TensorSpec;
  readonly options: JsonWriterOptions;
}

/** `{"results": [[[label, score], …], …]}`, classes in the model's own order. `outputs` are the scores alone. */
export function writeClasses(outputs: readonly NamedTensor[], { rows, spec, options }: ClassesWishes): string | Buffer {
  const writer = new JsonWriter(options).raw('{"results":[');
  rowGroups(outputs, rows, 1).forEach(({ outputs: [scores] }, index) => {
    if (index > 0) writer.raw(',');
    writeScores(writer, scores as NamedTensor, spec);
  });
  return writer.raw(']}').finish();
}

function writeScores(writer: JsonWriter, scores: NamedTensor, spec: TensorSpec): void {
  const [rows = 0, classes = 0] = scores.shape;
  const labels = Array.from({ length: classes }, (_, index) =>
    JSON.stringify(String(spec.classLabels?.[index] ?? index)),
  );
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
}

/** `{"results": [value, …]}`. `outputs` are the values alone. */
export function writeValues(
  outputs: readonly NamedTensor[],
  { count, outputAxes }: SentRows,
  options: JsonWriterOptions,
): string | Buffer {
  const values = outputs[0] as NamedTensor;
  const { name, shape } = values;
  if (outputs.length > 1 || elementCount(shape) !== count || shape[axisOf(outputAxes, name) ?? -1] !== count) {
    throw invalidArgument(
      `output "${name}" has shape ${formatShape(shape)}, which is not a number a row for ${count} examples; use predict`,
    );
  }
  return new JsonWriter(options).raw('{"results":').flat(values).raw('}').finish();
}
