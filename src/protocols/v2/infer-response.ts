import { encodeBase64 } from '../../codecs/base64.js';
import { JsonWriter, type NonFinite } from '../../codecs/json-writer.js';
import { bytesOfTensor } from '../../codecs/raw-tensor.js';
import type { NamedTensor } from '../../core/tensor.js';
import type { ModelSignature } from '../../core/tensor-spec.js';
import type { HttpAnswer, Results } from '../http/inference-form.js';
import { outputSpec } from '../signature-lookup.js';
import { classify } from './classification.js';
import type { OutputRequest } from './output-request.js';

/** What a request says about its answer. */
export interface InferWishes {
  readonly id: string | undefined;
  /** Absent means all outputs, none with wishes of its own. */
  readonly outputs: readonly OutputRequest[] | undefined;
  /** For outputs without a wish of their own. */
  readonly binaryOutput: boolean;
  readonly nonFinite: NonFinite;
}

const jsonHeaders = { 'content-type': 'application/json' };

/** JSON, then the raw bytes of the outputs that were asked for as such, in the order of `outputs`. */
export function writeInferResponse(results: Results, wishes: InferWishes, signature: ModelSignature): HttpAnswer {
  const { name, version } = results.id;
  const writer = new JsonWriter(wishes).raw(`{"model_name":${JSON.stringify(name)},"model_version":"${version}"`);
  if (wishes.id !== undefined) writer.raw(',"id":').value(wishes.id);
  writer.raw(',"outputs":[');
  const tails: Uint8Array[] = [];
  for (const [index, output] of results.outputs.entries()) {
    if (index > 0) writer.raw(',');
    const wish = wishes.outputs?.find((candidate) => candidate.name === output.name);
    const tail = writeOutput(writer, classified(output, wish, signature), wish, wishes.binaryOutput);
    if (tail !== undefined) tails.push(tail);
  }
  const json = writer.raw(']}').finish();
  return tails.length === 0 ? { body: json, headers: jsonHeaders } : withBinaryTail(json, tails);
}

function withBinaryTail(text: string | Buffer, tails: readonly Uint8Array[]): HttpAnswer {
  const json = Buffer.from(text);
  const headers = {
    'content-type': 'application/octet-stream',
    'inference-header-content-length': String(json.length),
  };
  return { body: Buffer.concat([json, ...tails]), headers };
}

function classified(output: NamedTensor, wish: OutputRequest | undefined, signature: ModelSignature): NamedTensor {
  if (wish?.classes === undefined) return output;
  return classify(output, wish.classes, outputSpec(signature, output.name).classLabels);
}

/** Returns the bytes that have to follow the JSON, if there are any. */
function writeOutput(
  writer: JsonWriter,
  output: NamedTensor,
  wish: OutputRequest | undefined,
  binaryOutput: boolean,
): Uint8Array | undefined {
  const { name, dataType, shape } = output;
  writer.raw(`{"name":${JSON.stringify(name)},"datatype":"${dataType}","shape":[${shape.join(',')}]`);
  if (wish?.binary ?? binaryOutput) {
    const bytes = bytesOfTensor(output);
    writer.raw(`,"parameters":{"binary_data_size":${bytes.length}}}`);
    return bytes;
  }
  if (wish?.isBase64 === true) writeBase64(writer, output);
  else writer.raw(',"data":').flat(output).raw('}');
  return undefined;
}

function writeBase64(writer: JsonWriter, { data }: NamedTensor): void {
  const texts = (data as readonly string[]).map((text) => encodeBase64(Buffer.from(text)));
  writer.raw(',"parameters":{"content_type":"base64"},"data":').value(texts).raw('}');
}
