import { readFileSync } from 'node:fs';
import { type Tensor as EngineTensor, InferenceSession } from 'onnxruntime-node';
import type { DataType } from '../../src/core/data-type.js';
import type { NamedTensor, Tensor, TensorData } from '../../src/core/tensor.js';
import type { EngineJob, EngineReply } from './bare-engine.js';

const engineTypes: Readonly<Partial<Record<DataType, string>>> = {
  BOOL: 'bool',
  UINT8: 'uint8',
  UINT16: 'uint16',
  UINT32: 'uint32',
  UINT64: 'uint64',
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FP16: 'float16',
  FP32: 'float32',
  FP64: 'float64',
  BYTES: 'string',
};

const toEngine = ({ dataType, shape, data }: Tensor): EngineTensor =>
  ({ type: engineTypes[dataType], dims: shape, data, location: 'cpu' }) as unknown as EngineTensor;

function fromEngine(name: string, { type, dims, data }: EngineTensor): NamedTensor {
  const dataType = Object.entries(engineTypes).find(([, engineType]) => engineType === type)?.[0] as DataType;
  return { name, dataType, shape: [...dims], data: data as TensorData };
}

async function run(job: EngineJob): Promise<EngineReply> {
  try {
    const { modelPath, externalDataDirectory } = job.files;
    const options: InferenceSession.SessionOptions = {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 4,
      ...(externalDataDirectory !== undefined && {
        extra: { session: { model_external_initializers_file_folder_path: externalDataDirectory } },
      }),
    };
    const session =
      externalDataDirectory === undefined
        ? await InferenceSession.create(modelPath, options)
        : await InferenceSession.create(readFileSync(modelPath), options);
    try {
      const feeds = Object.fromEntries(Object.entries(job.inputs).map(([name, tensor]) => [name, toEngine(tensor)]));
      const results = await session.run(feeds, [...job.outputs]);
      return { outputs: job.outputs.map((name) => fromEngine(name, results[name] as EngineTensor)) };
    } finally {
      await session.release();
    }
  } catch (error) {
    return { error: (error as Error).message };
  }
}

process.on('message', async (job: EngineJob) => {
  process.send?.(await run(job));
});
