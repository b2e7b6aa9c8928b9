import type { DataType } from '../../src/core/data-type.js';
import { elementCount, type NamedTensor, type Tensor, viewOf } from '../../src/core/tensor.js';
import { parseExactJson } from './exact-json.js';
import { type Form, post } from './form.js';
import { fromJsonElements, jsonElements } from './json-elements.js';
import type { ServedModel } from './served-model.js';
import type { Tensors } from './tensors.js';

interface WireTensor {
  readonly name: string;
  readonly datatype: DataType;
  readonly shape: readonly number[];
  readonly data?: readonly unknown[];
  readonly parameters?: { readonly binary_data_size: number };
}

const inferUrl = ({ origin, name }: ServedModel): string => `${origin}/v2/models/${name}/infer`;

/** Numbers as JSON, flat. */
export const askV2Json: Form = async (model, inputs) => {
  const list = Object.entries(inputs).map(
    ([name, tensor]) => `{${head(name, tensor)},"data":[${jsonElements(tensor)}]}`,
  );
  const body = `{"inputs":[${list}]}`;
  const { bytes } = await post(inferUrl(model), body, { 'content-type': 'application/json' });
  return named(
    outputsIn(bytes).map((output) => ({ ...output, data: fromJsonElements(output.datatype, output.data ?? []) })),
  );
};

/** Raw bytes behind the JSON, in the request and in the answer. */
export const askV2Binary: Form = async (model, inputs) => {
  const tails = Object.values(inputs).map(rawBytes);
  const list = Object.entries(inputs).map(
    ([name, tensor], at) => `{${head(name, tensor)},"parameters":{"binary_data_size":${tails[at]?.length}}}`,
  );
  const json = Buffer.from(`{"parameters":{"binary_data_output":true},"inputs":[${list}]}`);
  const { headers, bytes } = await post(inferUrl(model), Buffer.concat([json, ...tails]), {
    'content-type': 'application/octet-stream',
    'inference-header-content-length': String(json.length),
  });
  const jsonLength = Number(headers.get('inference-header-content-length') ?? bytes.length);
  let start = jsonLength;
  const outputs = outputsIn(bytes.subarray(0, jsonLength)).map((output) => {
    const end = start + (output.parameters?.binary_data_size as number);
    const data = fromRawBytes(output.datatype, elementCount(output.shape), bytes.subarray(start, end));
    start = end;
    return { ...output, data };
  });
  if (start !== bytes.length) throw new Error(`${bytes.length - start} bytes are left over behind the outputs`);
  return named(outputs);
};

const head = (name: string, { dataType, shape }: Tensor): string =>
  `"name":${JSON.stringify(name)},"datatype":"${dataType}","shape":[${shape}]`;

const outputsIn = (json: Buffer): readonly WireTensor[] =>
  (parseExactJson(json.toString()) as { outputs: WireTensor[] }).outputs;

const named = (outputs: readonly (Omit<WireTensor, 'data'> & Pick<NamedTensor, 'data'>)[]): Tensors =>
  Object.fromEntries(outputs.map(({ name, datatype, shape, data }) => [name, { dataType: datatype, shape, data }]));

function rawBytes({ data }: Tensor): Buffer {
  if ('buffer' in data) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.concat(
    data.flatMap((text) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(Buffer.byteLength(text));
      return [length, Buffer.from(text)];
    }),
  );
}

function fromRawBytes(dataType: DataType, length: number, bytes: Buffer): Tensor['data'] {
  if (dataType !== 'BYTES') return viewOf(dataType, new Uint8Array(bytes).buffer, 0, length);
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32LE(at);
    texts.push(bytes.toString('utf8', at + 4, end));
    at = end;
  }
  return texts;
}
