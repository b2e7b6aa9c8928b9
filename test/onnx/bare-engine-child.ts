import { readFileSync } from 'node:fs';
import { type Tensor as EngineTensor, InferenceSession } from 'onnxruntime-node';
import type { EngineJob, EngineReply } from './bare-engine.js';
import { fromEngine, toEngine } from './engine-tensors.js';

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
