import { encodeBase64 } from '../../codecs/base64.js';
import { JsonWriter, type NonFinite } from '../../codecs/json-writer.js';
import { bytesOfTensor } from '../../codecs/raw-tensor.js';
import { responseTooLarge } from '../../core/serving-error.js';
import type { NamedTensor } from '../../core/tensor.js';
import type { ModelSignature } from '../../core/tensor-spec.js';
import type { Results } from '../../inference/inference-codec.js';
import type { HttpContent } from '../http/http-call.js';
import { classified } from '../open-inference/classification.js';
import type { OutputRequest } from '../open-inference/output-request.js';
import { writeSharedTensor } from '../open-inference/shared-tensor.js';

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
export function writeInferResponse(
  results: Results,
  wishes: InferWishes,
  signature: ModelSignature,
  mostBytes: number,
): HttpContent {
  const { name, version } = results.id;
  const writer = new JsonWriter({ nonFinite: wishes.nonFinite, mostBytes }).raw(
    `{"model_name":${JSON.stringify(name)},"model_version":"${version}"`,
  );
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
  return tails.length === 0 ? { body: json, headers: jsonHeaders } : withBinaryTail(json, tails, mostBytes);
}

function withBinaryTail(text: string | Buffer, tails: readonly Uint8Array[], mostBytes: number): HttpContent {
  const json = Buffer.from(text);
  const bytes = tails.reduce((sum, tail) => sum + tail.length, json.length);
  if (bytes > mostBytes) throw responseTooLarge(`it is ${bytes} bytes`, mostBytes);
  const headers = {
    'content-type': 'application/octet-stream',
    'inference-header-content-length': String(json.length),
  };
  return { body: Buffer.concat([json, ...tails]), headers };
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
  if (wish?.shared !== undefined) {
    writer.raw(`,"parameters":${JSON.stringify(writeSharedTensor(output, wish.shared))}}`);
    return undefined;
  }
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
