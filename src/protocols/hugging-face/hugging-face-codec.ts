import { bytesOfAll } from '../../core/tensor.js';
import type { InferenceCodec } from '../../inference/inference-codec.js';
import type { CodecDefaults } from '../codec-defaults.js';
import type { HttpContent, HttpMessage } from '../http/http-call.js';
import { type HubWishes, readHubRequest } from './hub-request.js';
import { writeHubResponse } from './hub-response.js';

const headers = { 'content-type': 'application/json' };

/** `POST /hf/{model}`, as the hub's clients speak it: what comes back is what the model gives. */
export const huggingFaceCodec = ({
  largestResponseBytes: mostBytes,
}: Pick<CodecDefaults, 'largestResponseBytes'>): InferenceCodec<HttpMessage, HttpContent, HubWishes> => ({
  name: 'hugging face',
  readingBytes: ({ body }) => body.length,
  read: readHubRequest,
  writingBytes: (_wishes, { outputs }) => bytesOfAll(outputs),
  write: ({ isList }, { outputs }) => ({ body: writeHubResponse(outputs, { isList, mostBytes }), headers }),
});
