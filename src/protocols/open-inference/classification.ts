import { elementText } from '../../codecs/json-writer.js';
import { bfloat16ToNumber, halfToNumber } from '../../core/half-values.js';
import { elementCount, type NamedTensor } from '../../core/tensor.js';
import type { ModelSignature } from '../../core/tensor-spec.js';
import { outputSpec } from '../signature-lookup.js';
import type { OutputRequest } from './output-request.js';

/** The output, or its classes where these were asked for. */
export function classified(
  output: NamedTensor,
  wish: OutputRequest | undefined,
  signature: ModelSignature,
): NamedTensor {
  if (wish?.classes === undefined) return output;
  return classify(output, wish.classes, outputSpec(signature, output.name).classLabels);
}

type ClassLabels = readonly (string | number)[] | undefined;

/**
 * The `classes` highest scores of each row, highest first, as BYTES `score:index[:label]`. Axis 0 is the rows;
 * a tensor of one axis is a single row and stays one.
 */
function classify(scores: NamedTensor, classes: number, labels: ClassLabels): NamedTensor {
  const { name, shape } = scores;
  const rows = shape.length < 2 ? 1 : shape[0]!;
  const size = shape.length < 2 ? elementCount(shape) : elementCount(shape.slice(1));
  const count = Math.min(classes, size);
  const text = elementText(scores, 'token');
  const scoreAt = scoreReader(scores);
  const data: string[] = [];
  for (let row = 0; row < rows; row++) {
    const start = row * size;
    for (const index of highest(size, count, (at) => scoreAt(start + at))) {
      const label = labels?.[index];
      data.push(`${text(start + index)}:${index}${label === undefined ? '' : `:${label}`}`);
    }
  }
  return { name, dataType: 'BYTES', shape: shape.length < 2 ? [count] : [rows, count], data };
}

/** Equal scores keep the order of their indices; NaN comes last. */
function highest(size: number, count: number, scoreAt: (index: number) => number): number[] {
  const indices = Array.from({ length: size }, (_, index) => index);
  return indices.sort((a, b) => scoreAt(b) - scoreAt(a) || a - b).slice(0, count);
}

function scoreReader({ dataType, data }: NamedTensor): (index: number) => number {
  const toNumber = dataType === 'FP16' ? halfToNumber : dataType === 'BF16' ? bfloat16ToNumber : Number;
  return (index) => {
    const score = toNumber(data[index] as number);
    return Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score;
  };
}
