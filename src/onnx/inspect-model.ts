import { resolve } from 'node:path';
import { ServingError } from '../core/serving-error.js';
import type { ModelSignature } from '../core/tensor-spec.js';
import { FileWindow } from './file-window.js';
import { describeModelFile, type ModelFile } from './model-file.js';
import { planModel } from './prepare-model.js';

/** A model file, and what the server would do with it. */
export interface ModelInspection {
  readonly file: ModelFile;
  /** Absent where the model cannot be served. */
  readonly served?: {
    readonly signature: ModelSignature;
    readonly rewrites: readonly string[];
    readonly unbatchable?: string;
  };
  /** Why it cannot be served. */
  readonly problem?: string;
}

/** Reads a model file without writing or loading anything. Throws a ServingError where it is no model. */
export async function inspectModel(path: string): Promise<ModelInspection> {
  await using window = await FileWindow.open(resolve(path));
  const file = await describeModelFile(window);
  try {
    const { draft, signature } = await planModel(file, window);
    const { sentences: rewrites, unbatchable } = draft;
    return { file, served: { signature, rewrites, ...(unbatchable !== undefined && { unbatchable }) } };
  } catch (error) {
    if (error instanceof ServingError) return { file, problem: error.message };
    throw error;
  }
}
