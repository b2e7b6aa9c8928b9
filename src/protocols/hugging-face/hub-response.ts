import { JsonWriter } from '../../codecs/json-writer.js';
import type { NamedTensor } from '../../core/tensor.js';

export interface HubResponseOptions {
  readonly isList: boolean;
  readonly mostBytes: number;
}

/** What each row came to: a vector, labels with scores, entities, or the things in a picture. */
export function writeHubResponse(
  outputs: readonly NamedTensor[],
  { isList, mostBytes }: HubResponseOptions,
): string | Buffer {
  const writer = new JsonWriter({ mostBytes });
  const rows = outputs[0]?.shape[0] ?? 0;
  if (isList) writer.raw('[');
  for (let row = 0; row < rows; row++) writeRow(row === 0 ? writer : writer.raw(','), outputs, row);
  if (isList) writer.raw(']');
  return writer.finish();
}

function writeRow(writer: JsonWriter, outputs: readonly NamedTensor[], row: number): void {
  const [labels, scores, things] = ['label', 'score', 'detections'].map((name) =>
    outputs.find((output) => output.name === name),
  );
  if (labels !== undefined && scores !== undefined) writeLabels(writer, labels, scores, row);
  else if (things !== undefined) writer.raw(inWholePixels((things.data as readonly string[])[row] as string));
  else if (outputs[0]?.dataType === 'BYTES') writer.raw((outputs[0].data as readonly string[])[row] as string);
  else writer.row(outputs[0] as NamedTensor, row);
}

function writeLabels(writer: JsonWriter, labels: NamedTensor, scores: NamedTensor, row: number): void {
  const count = labels.shape[1] ?? 1;
  const each = { dataType: scores.dataType, shape: [scores.data.length], data: scores.data };
  for (let place = 0; place < count; place++) {
    const index = row * count + place;
    writer.raw(`${place === 0 ? '[' : ','}{"label":`).value((labels.data as readonly string[])[index]);
    writer.raw(',"score":').row(each, index).raw('}');
  }
  writer.raw(']');
}

/** A JSON text of detections as the hub has them: boxes without fractions, labels without their numbers. */
function inWholePixels(json: string): string {
  const detections = JSON.parse(json) as readonly { readonly box: Readonly<Record<string, number>> }[];
  const whole = detections.map(({ box, ...others }) => ({
    ...others,
    class: undefined,
    box: Object.fromEntries(Object.entries(box).map(([side, pixels]) => [side, Math.trunc(pixels)])),
  }));
  return JSON.stringify(whole);
}
