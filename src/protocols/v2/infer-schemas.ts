import { dataTypes } from '../../core/data-type.js';
import {
  anything,
  integer,
  type JsonSchema,
  list,
  object,
  oneOf,
  reference,
  text,
  truth,
} from '../http/json-schema.js';

const datatype = oneOf(dataTypes);
const shape = list(integer({ minimum: 0 }));
const binary_data_size = integer({ minimum: 0, description: 'Bytes of this tensor behind the JSON.' });
const sharedMemory = {
  shared_memory_region: text({ description: 'The tensor lies in this registered region, as raw bytes.' }),
  shared_memory_byte_size: integer({ minimum: 0 }),
  shared_memory_offset: integer({ minimum: 0, description: 'From the beginning of the region; 0 where absent.' }),
};
const content_type = text({ description: '`base64`: the strings of BYTES are base64.' });

const requestInput = object(
  { name: text(), shape, datatype },
  {
    $id: 'InferRequestInput',
    optional: {
      parameters: object({}, { optional: { binary_data_size, content_type, ...sharedMemory } }),
      data: list(anything(), {
        description:
          'Row-major, flat or nested; absent where binary_data_size or shared_memory_region is given. BYTES as strings or `{"b64": "…"}`; FP16 and BF16 as numbers.',
      }),
    },
  },
);

const requestOutput = object(
  { name: text() },
  {
    $id: 'InferRequestOutput',
    optional: {
      parameters: object(
        {},
        {
          optional: {
            binary_data: truth({ description: 'Raw bytes behind the JSON instead of `data`.' }),
            classification: integer({
              minimum: 1,
              description: 'The so many highest scores as BYTES `score:index[:label]`.',
            }),
            content_type,
            ...sharedMemory,
          },
        },
      ),
    },
  },
);

const inferRequest = object(
  { inputs: list(reference('InferRequestInput')) },
  {
    $id: 'InferRequest',
    optional: {
      id: text({ description: 'Comes back in the answer.' }),
      parameters: object(
        {},
        {
          optional: {
            binary_data_output: truth({ description: 'For outputs that do not say themselves.' }),
            priority: integer({ minimum: 0, description: '1 is the highest; 0 the default.' }),
            timeout: integer({ minimum: 0, description: 'Microseconds; 0 is none.' }),
            non_finite: oneOf(['null', 'token', 'string']),
          },
        },
      ),
      outputs: list(reference('InferRequestOutput'), { description: 'All of them where absent.' }),
    },
  },
);

const responseOutput = object(
  { name: text(), datatype, shape },
  {
    $id: 'InferResponseOutput',
    optional: {
      parameters: object({}, { optional: { binary_data_size, content_type, ...sharedMemory } }),
      data: list(anything(), { description: 'Row-major and flat; absent where it lies elsewhere.' }),
    },
  },
);

const inferResponse = object(
  { model_name: text(), model_version: text(), outputs: list(reference('InferResponseOutput')) },
  { $id: 'InferResponse', optional: { id: text() } },
);

/** Components of the API's description, each added to the server by its `$id`. */
export const inferSchemas: readonly JsonSchema[] = [
  requestInput,
  requestOutput,
  inferRequest,
  responseOutput,
  inferResponse,
];
