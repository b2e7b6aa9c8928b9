import { basename } from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import type { LoadOrder } from '../frames/engine-frames.js';
import type { SharedExternalData } from './open-unchanged.js';

/**
 * What was fastest on CPU; two and more threads spin, and burn a core, unless they are told not to.
 * `weights`: for the engine to copy what it needs of them instead of mapping the file.
 */
export const sessionOptions = (
  { threads, isOptimized = true, externalDataDirectory }: LoadOrder,
  weights?: SharedExternalData,
): InferenceSession.SessionOptions => ({
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: isOptimized ? 'all' : 'disabled',
  logSeverityLevel: 3,
  extra: {
    session: {
      intra_op: { allow_spinning: '0' },
      ...(externalDataDirectory && { model_external_initializers_file_folder_path: externalDataDirectory }),
    },
  },
  ...(weights && { externalData: [{ path: basename(weights.path), data: weights.data }] }),
});

/** A model whose external data lies elsewhere is handed over as bytes: only for those the folder can be named. */
export const isLoadedAsBytes = ({ externalDataDirectory }: LoadOrder): boolean => externalDataDirectory !== undefined;
