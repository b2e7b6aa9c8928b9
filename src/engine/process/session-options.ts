import { basename } from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import type { LoadOrder } from '../frames/load-order.js';

/**
 * What was fastest on CPU; two and more threads spin, and burn a core, unless they are told not to.
 * `weights`: the original's bytes, for the engine to copy what it needs instead of mapping the file.
 */
export const sessionOptions = (
  { threads, externalDataDirectory, original }: LoadOrder,
  weights?: Uint8Array,
): InferenceSession.SessionOptions => ({
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
  extra: {
    session: {
      intra_op: { allow_spinning: '0' },
      ...(externalDataDirectory && { model_external_initializers_file_folder_path: externalDataDirectory }),
    },
  },
  ...(original && weights && { externalData: [{ path: basename(original.path), data: weights }] }),
});

/** A model whose external data lies elsewhere is handed over as bytes: only for those the folder can be named. */
export const isLoadedAsBytes = ({ externalDataDirectory }: LoadOrder): boolean => externalDataDirectory !== undefined;
