import type { InferenceCodec } from '../../inference/inference-codec.js';
import type { CodecDefaults } from '../codec-defaults.js';
import { inferCodec } from './infer/infer-codec.js';
import { predictCodec } from './tensorflow/predict-codec.js';
import { classifyCodec, regressCodec } from './tensorflow/task-codecs.js';

/** Those that read and write in codec threads. */
export const grpcCodecs = (defaults: CodecDefaults): InferenceCodec[] => [
  inferCodec(defaults),
  predictCodec(defaults),
  classifyCodec,
  regressCodec,
];
