import { isIntegerType } from '../core/data-type.js';
import type { NamedTensor } from '../core/tensor.js';
import type { ServingTrial } from './try-serving.js';

/**
 * A Python expression of a predict body for inputs too large to be written out: the shapes of the made-up inputs, each
 * filled with one value.
 */
export function pythonBody({ batching, sample }: Pick<ServingTrial, 'batching' | 'sample'>): string {
  const batched = batching.kind !== 'none';
  const filled = (input: NamedTensor): string => nested(batched ? input.shape.slice(1) : input.shape, fillOf(input));
  const [only] = sample;
  const inputs = sample.map((input) => `${JSON.stringify(input.name)}: ${filled(input)}`);
  const content = only !== undefined && sample.length === 1 ? filled(only) : `{${inputs.join(', ')}}`;
  return batched ? `{"instances": [${content}]}` : `{"inputs": ${content}}`;
}

const nested = (shape: readonly number[], value: string): string =>
  shape.reduceRight((text, size) => (size === 1 ? `[${text}]` : `[${text}] * ${size}`), value);

function fillOf({ dataType, data }: NamedTensor): string {
  if (dataType === 'BYTES') return JSON.stringify(data[0] ?? '');
  if (dataType === 'BOOL') return data[0] ? 'True' : 'False';
  return isIntegerType(dataType) ? String(data[0] ?? 0) : '0.5';
}
