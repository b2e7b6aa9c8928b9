import { axisOf } from '../../../core/batch-axes.js';
import { bfloat16ToNumber, halfToNumber } from '../../../core/half-values.js';
import { invalidArgument } from '../../../core/serving-error.js';
import { bytesOfAll, elementCount, type NamedTensor } from '../../../core/tensor.js';
import { formatShape, type TensorSpec } from '../../../core/tensor-spec.js';
import type { InferenceCodec, Results } from '../../../inference/inference-codec.js';
import { rowGroups, type SentRows } from '../../tensorflow-serving/row-layout.js';
import { scoresOf, valuesOf } from '../../tensorflow-serving/task-outputs.js';
import type { GrpcMessage, GrpcResponse } from '../infer/infer-codec.js';
import { MessageWriter } from '../wire/message-writer.js';
import { readExamples } from './examples.js';
import { writtenModelSpec } from './model-spec.js';

type TaskCodec = InferenceCodec<GrpcMessage, GrpcResponse, SentRows>;

/** Examples are read, and results written, one by one. */
const sizes = {
  readingBytes: ({ body }: GrpcMessage): number => body.length,
  writingBytes: (_wishes: unknown, { outputs }: Results): number => bytesOfAll(outputs),
};

/** `PredictionService.Classify`: a score for each class of each example. */
export const classifyCodec: TaskCodec = {
  ...sizes,
  name: 'grpc classify',
  read: ({ body }, model) => reading(body, model, scoresOf(model.signature)),
  write: (sent, results, { signature }) => {
    const spec = scoresOf(signature);
    const result = new MessageWriter();
    for (const { outputs } of rowGroups(results.outputs, sent, 1))
      writeClasses(result, outputs[0] as NamedTensor, spec);
    return responseOf(result, results);
  },
};

/** `PredictionService.Regress`: a number for each example. */
export const regressCodec: TaskCodec = {
  ...sizes,
  name: 'grpc regress',
  read: ({ body }, model) => reading(body, model, valuesOf(model.signature)),
  write: (sent, results) => {
    const values = results.outputs[0] as NamedTensor;
    requireNumbers(results.outputs, values, sent);
    const numberAt = numbersOf(values);
    const result = new MessageWriter();
    for (let row = 0; row < sent.count; row++) result.message(1, new MessageWriter().float(1, numberAt(row)));
    return responseOf(result, results);
  },
};

function reading(body: Buffer, model: Parameters<TaskCodec['read']>[1], output: TensorSpec) {
  const { inputs, sent, layout } = readExamples(body, model, output);
  return { inputs, outputs: [output.name], separateRows: layout, wishes: sent };
}

function writeClasses(result: MessageWriter, scores: NamedTensor, { classLabels }: TensorSpec): void {
  const [rows = 0, classes = 0] = scores.shape;
  const numberAt = numbersOf(scores);
  for (let row = 0; row < rows; row++) {
    const classifications = new MessageWriter();
    for (let index = 0; index < classes; index++) {
      const label = String(classLabels?.[index] ?? index);
      classifications.message(1, new MessageWriter().string(1, label).float(2, numberAt(row * classes + index)));
    }
    result.message(1, classifications);
  }
}

function requireNumbers(
  outputs: readonly NamedTensor[],
  { name, shape }: NamedTensor,
  { count, outputAxes }: SentRows,
): void {
  if (outputs.length === 1 && elementCount(shape) === count && shape[axisOf(outputAxes, name) ?? -1] === count) return;
  throw invalidArgument(
    `output "${name}" has shape ${formatShape(shape)}, which is not a number a row for ${count} examples; use predict`,
  );
}

/** Half floats are patterns in their arrays. */
function numbersOf({ dataType, data }: NamedTensor): (index: number) => number {
  const toNumber = dataType === 'FP16' ? halfToNumber : dataType === 'BF16' ? bfloat16ToNumber : Number;
  return (index) => toNumber(data[index] as number);
}

const responseOf = (result: MessageWriter, { id }: Results): GrpcResponse => ({
  body: new MessageWriter().message(1, result).message(2, writtenModelSpec(id)).finish(),
});
