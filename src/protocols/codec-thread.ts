/** The program of a thread that reads large requests and writes large answers. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { serveCodecs } from '../inference/codec-threads/serve-codecs.js';
import type { InferenceCodec } from '../inference/inference-codec.js';
import type { CodecDefaults } from './codec-defaults.js';
import { huggingFaceCodec } from './hugging-face/hugging-face-codec.js';
import { embeddingsCodec } from './openai/embeddings-codec.js';
import { rerankCodec } from './openai/rerank-codec.js';
import { v1Codecs } from './v1/v1-codecs.js';
import { inferCodec } from './v2/infer-codec.js';

const defaults = workerData as CodecDefaults;
const { predict, classify, regress } = v1Codecs(defaults);
const codecs: InferenceCodec[] = [
  predict,
  classify,
  regress,
  inferCodec(defaults),
  embeddingsCodec(defaults),
  rerankCodec(defaults),
  huggingFaceCodec(defaults),
];
// Loaded only where it is wanted.
if (defaults.grpc) codecs.push(...(await import('./grpc/grpc-codecs.js')).grpcCodecs(defaults));
serveCodecs(parentPort as MessagePort, codecs);
