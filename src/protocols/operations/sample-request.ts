import { JsonWriter } from '../../codecs/json-writer.js';
import { inputAxis, rowlessPart } from '../../core/batch-axes.js';
import type { ServableDescription } from '../../core/model.js';
import type { NamedTensor } from '../../core/tensor.js';
import { moveAxis } from '../../core/tensor-axis.js';

/** A predict body that the model takes: the made-up inputs of its warm-up. Empty inputs where it took none. */
export function samplePredictBody(model: Pick<ServableDescription, 'signature' | 'batching' | 'sample'>): string {
  const { batching, sample = [] } = model;
  const inRows = rowlessPart(model) === undefined;
  const writer = new JsonWriter().raw(inRows ? '{"instances": [' : '{"inputs": ');
  const put = (input: NamedTensor) => {
    const axis = inRows ? inputAxis(batching, input.name) : undefined;
    if (axis === undefined) writer.nested(input);
    else writer.row(moveAxis(input, axis, 0), 0);
  };
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
    .raw(inRows ? ']}' : '}')
    .finish()
    .toString();
}
