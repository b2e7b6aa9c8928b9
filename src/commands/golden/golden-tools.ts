import type { GoldenTools } from '../../golden/golden-reader.js';
import type { InferenceCodec, Message, WrittenMessage } from '../../inference/inference-codec.js';
import { readTensorFile } from '../../onnx/read-tensor-file.js';
import type { HttpContent, HttpMessage } from '../../protocols/http/http-call.js';
import { v1Codecs } from '../../protocols/v1/v1-codecs.js';
import { inferCodec } from '../../protocols/v2/infer-codec.js';
import { readInside } from '../../sources/read-inside.js';

export interface GoldenToolsOptions {
  /** Folders that golden files may lie in, links followed. */
  readonly mayLeadTo: readonly string[];
  readonly largestResponseBytes: number;
}

/** Golden requests are read and answered as those of HTTP are. NaN and infinities stay what they are, to be compared. */
export function goldenTools({ mayLeadTo, largestResponseBytes }: GoldenToolsOptions): GoldenTools {
  const defaults = { nonFinite: 'token', largestResponseBytes, grpc: false } as const;
  return {
    codecs: { v1: withoutHead(v1Codecs(defaults).predict), v2: withoutHead(inferCodec(defaults)) },
    readTensor: readTensorFile,
    readFile: (path, mostBytes) => readInside(path, { folders: mayLeadTo, mostBytes }),
  };
}

/** A codec for bodies that came without anything beside them. */
const withoutHead = <Wishes>(codec: InferenceCodec<HttpMessage, HttpContent, Wishes>): InferenceCodec => {
  const asHttp = ({ body }: Message): HttpMessage => ({ body, headers: {}, query: {} });
  return {
    name: codec.name,
    readingBytes: (message, model) => codec.readingBytes(asHttp(message), model),
    read: (message, model) => codec.read(asHttp(message), model),
    writingBytes: (wishes, results) => codec.writingBytes(wishes as Wishes, results),
    write: (wishes, results, model): WrittenMessage => codec.write(wishes as Wishes, results, model),
  };
};
