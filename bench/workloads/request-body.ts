import { shortestText } from './number-text.js';
import type { InputRow } from './workload.js';

export const protocols = ['v1', 'v2', 'v2-binary'] as const;
export type Protocol = (typeof protocols)[number];

export interface RequestBody {
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
}

/** One question as a body of one of the protocols. */
export const requestBody = (protocol: Protocol, question: readonly InputRow[]): RequestBody =>
  writers[protocol](question);

const json = { 'content-type': 'application/json' };

const writers: Readonly<Record<Protocol, (question: readonly InputRow[]) => RequestBody>> = {
  v1: (question) => {
    const [first] = question;
    const named = question.map((input) => `${JSON.stringify(input.name)}:${nested(input)}`);
    const item = question.length === 1 && first !== undefined ? nested(first) : `{${named.join(',')}}`;
    return { headers: json, bytes: Buffer.from(`{"instances":[${item}]}`) };
  },
  v2: (question) => {
    const inputs = question.map((input) => `{${tensorHead(input)},"data":[${texts(input).join(',')}]}`);
    return { headers: json, bytes: Buffer.from(`{"inputs":[${inputs.join(',')}]}`) };
  },
  'v2-binary': (question) => {
    const inputs = question.map(
      (input) => `{${tensorHead(input)},"parameters":{"binary_data_size":${input.values.byteLength}}}`,
    );
    const head = Buffer.from(`{"inputs":[${inputs.join(',')}],"parameters":{"binary_data_output":true}}`);
    const headers = {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(head.length),
    };
    return { headers, bytes: Buffer.concat([head, ...question.map(({ values }) => rawBytes(values))]) };
  },
};

/** Little-endian, as this machine keeps them. */
const rawBytes = ({ buffer, byteOffset, byteLength }: InputRow['values']): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);

const tensorHead = ({ name, shape, dataType }: InputRow): string =>
  `"name":${JSON.stringify(name)},"shape":[1,${shape.join(',')}],"datatype":"${dataType}"`;

const texts = ({ values }: InputRow): string[] =>
  values instanceof Float32Array ? Array.from(values, shortestText) : Array.from(values, String);

function nested(input: InputRow): string {
  let items = texts(input);
  for (const size of input.shape.slice(1).reverse()) {
    items = Array.from(
      { length: items.length / size },
      (_, row) => `[${items.slice(row * size, (row + 1) * size).join(',')}]`,
    );
  }
  return `[${items.join(',')}]`;
}
