import { JsonWriter } from '../../codecs/json-writer.js';
import type { ServableDescription } from '../../core/model.js';
import type { NamedTensor } from '../../core/tensor.js';
import { sampleInputs, sampleRecipes } from '../../serving/sample-inputs.js';

/** A predict body of the right names, types and shapes; its values are made up. */
export function samplePredictBody({ signature, batching }: ServableDescription): string {
  const batched = batching.kind !== 'none';
  const inputs = sampleInputs(signature, sampleRecipes[0]!, { rows: 1, batched });
  const writer = new JsonWriter().raw(batched ? '{"instances": [' : '{"inputs": ');
  const put = (input: NamedTensor) => (batched ? writer.row(input, 0) : writer.nested(input));
  const [only] = inputs;
  if (only !== undefined && inputs.length === 1) {
    put(only);
  } else {
    inputs.forEach((input, index) => {
      writer.raw(`${index === 0 ? '{' : ', '}${JSON.stringify(input.name)}: `);
      put(input);
    });
    writer.raw(inputs.length === 0 ? '{}' : '}');
  }
  return writer
    .raw(batched ? ']}' : '}')
    .finish()
    .toString();
}
