import { encodeBase64 } from '../../codecs/base64.js';
import { JsonWriter } from '../../codecs/json-writer.js';
import { invalidArgument } from '../../core/serving-error.js';
import { shownValue } from '../../core/short-text.js';
import { bytesOfAll, type NamedTensor, type Tensor } from '../../core/tensor.js';
import type { InferenceCodec } from '../../inference/inference-codec.js';
import type { CodecDefaults } from '../codec-defaults.js';
import type { HttpContent, HttpMessage } from '../http/http-call.js';
import { bodyFields, own, requireOutput, textField, textTensor } from '../task-body.js';

interface EmbeddingsWishes {
  /** As it was asked for. */
  readonly model: string;
  readonly isBase64: boolean;
}

const known = ['model', 'input', 'encoding_format', 'dimensions', 'user', 'prompt_name', 'truncate'];
const formats = ['float', 'base64'];
export const jsonHeaders = { 'content-type': 'application/json' };

/** `POST /v1/embeddings`, as OpenAI's clients speak it. */
export const embeddingsCodec = ({
  largestResponseBytes: mostBytes,
}: Pick<CodecDefaults, 'largestResponseBytes'>): InferenceCodec<HttpMessage, HttpContent, EmbeddingsWishes> => ({
  name: 'openai embeddings',
  readingBytes: ({ body }) => body.length,
  read: ({ body }, model) => {
    const fields = bodyFields(body, known);
    requireOutput(model, 'embedding', 'embedding model');
    const format = own(fields, 'encoding_format') ?? 'float';
    if (!formats.includes(format as string)) {
      throw invalidArgument(`encoding_format: expected "float" or "base64", got ${shownValue(format)}`);
    }
    const asked = ['dimensions', 'prompt_name', 'truncate'].map((name) => [name, own(fields, name)] as const);
    return {
      inputs: inputOf(own(fields, 'input')),
      parameters: Object.fromEntries(asked.filter(([, value]) => value !== undefined)),
      wishes: { model: textField(fields, 'model'), isBase64: format === 'base64' },
    };
  },
  writingBytes: ({ isBase64 }, { outputs }) => bytesOfAll(outputs) / (isBase64 ? 4 : 1),
  write: ({ model, isBase64 }, { outputs, usage }) => {
    const embeddings = outputs[0] as NamedTensor;
    const writer = new JsonWriter({ mostBytes }).raw('{"object":"list","data":[');
    for (let index = 0; index < (embeddings.shape[0] as number); index++) {
      writer.raw(`${index === 0 ? '' : ','}{"object":"embedding","index":${index},"embedding":`);
      if (isBase64) writer.raw(`"${base64Row(embeddings, index)}"`);
      else writer.row(embeddings, index);
      writer.raw('}');
    }
    const tokens = usage?.tokens ?? 0;
    writer.raw(`],"model":${JSON.stringify(model)},"usage":{"prompt_tokens":${tokens},"total_tokens":${tokens}}}`);
    return { body: writer.finish(), headers: jsonHeaders };
  },
});

/** Little-endian float32, as the clients decode it. */
function base64Row({ shape, data }: NamedTensor, row: number): string {
  const width = shape[1] as number;
  const { buffer, byteOffset, byteLength } = (data as Float32Array).subarray(row * width, (row + 1) * width);
  return encodeBase64(Buffer.from(buffer, byteOffset, byteLength));
}

const expected = 'a string, an array of strings, or tokens: an array of integers, or several such arrays';

function inputOf(input: unknown): ReadonlyMap<string, Tensor> {
  if (typeof input === 'string') return new Map([['text', textTensor([input])]]);
  if (!Array.isArray(input)) throw invalidArgument(`input: expected ${expected}, got ${shownValue(input)}`);
  if (input.length === 0) throw invalidArgument(`input: expected ${expected}, got an empty array`);
  if (input.every((item): item is string => typeof item === 'string')) return new Map([['text', textTensor(input)]]);
  const rows = input.every((item) => typeof item === 'number') ? [input] : input;
  return new Map([['tokens', tokensTensor(rows.map((row, index) => tokensOf(row, index)))]]);
}

function tokensOf(row: unknown, index: number): readonly number[] {
  const isToken = (item: unknown): item is number =>
    Number.isInteger(item) && (item as number) >= 0 && (item as number) < 2 ** 31;
  if (Array.isArray(row) && row.length > 0 && row.every(isToken)) return row;
  throw invalidArgument(`input[${index}]: expected ${expected}, got ${shownValue(row)}`);
}

/** −1 fills shorter rows up. */
function tokensTensor(rows: readonly (readonly number[])[]): Tensor {
  const length = rows.reduce((longest, row) => Math.max(longest, row.length), 0);
  const data = new Int32Array(rows.length * length).fill(-1);
  for (const [index, row] of rows.entries()) data.set(row, index * length);
  return { dataType: 'INT32', shape: [rows.length, length], data };
}
