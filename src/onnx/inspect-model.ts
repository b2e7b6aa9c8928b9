import { resolve } from 'node:path';
import { ServingError } from '../core/serving-error.js';
import type { ModelSignature } from '../core/tensor-spec.js';
import { type RunModes, readRunModes } from './doctor/run-modes.js';
import { FileWindow } from './file-window.js';
import { describeModelFile, type ModelFile } from './model-file.js';
import { PartReader } from './part-reader.js';
import { planModel } from './prepare-model.js';

/** A model file, and what the server would do with it. */
export interface ModelInspection {
  readonly file: ModelFile;
  readonly modes: RunModes;
  /** Absent where the model cannot be served. */
  readonly served?: {
    readonly signature: ModelSignature;
    readonly rewrites: readonly string[];
    /** Those of them about outputs that nobody gets. */
    readonly leftOut: readonly string[];
    readonly unbatchable?: string;
    /** The standard operator set that the engine loads the graph as; 0 where it imports none. */
    readonly opset: number;
  };
  /** Why it cannot be served. */
  readonly problem?: string;
}

/** Reads a model file without writing or loading anything. Throws a ServingError where it is no model. */
export async function inspectModel(path: string): Promise<ModelInspection> {
  await using window = await FileWindow.open(resolve(path));
  const file = await describeModelFile(window);
  const modes = await readRunModes(file, new PartReader(window));
  try {
    const { draft, signature } = await planModel(file, window);
    const { sentences: rewrites, leftOut, unbatchable, opset } = draft;
    const served = { signature, rewrites, leftOut, opset, ...(unbatchable !== undefined && { unbatchable }) };
    return { file, modes, served };
  } catch (error) {
    if (error instanceof ServingError) return { file, modes, problem: error.message };
    throw error;
  }
}
