import { JsonWriter } from '../../codecs/json-writer.js';
import type { ServableDescription } from '../../core/model.js';
import type { NamedTensor } from '../../core/tensor.js';

/** A predict body that the model takes: the made-up inputs of its warm-up. Empty inputs where it took none. */
export function samplePredictBody({ batching, sample = [] }: Pick<ServableDescription, 'batching' | 'sample'>): string {
  const batched = batching.kind !== 'none';
  const writer = new JsonWriter().raw(batched ? '{"instances": [' : '{"inputs": ');
  const put = (input: NamedTensor) => (batched ? writer.row(input, 0) : writer.nested(input));
  const [only] = sample;
  if (only !== undefined && sample.length === 1) {
    put(only);
  } else {
    sample.forEach((input, index) => {
      writer.raw(`${index === 0 ? '{' : ', '}${JSON.stringify(input.name)}: `);
      put(input);
    });
    writer.raw(sample.length === 0 ? '{}' : '}');
  }
  return writer
    .raw(batched ? ']}' : '}')
    .finish()
    .toString();
}
