import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../tools/project-root.js';

/** A tensor of a model's `samples.json`: `data` is flat and row-major. */
export interface SampleTensor {
  readonly name: string;
  readonly datatype: 'FP32' | 'INT64' | 'BYTES';
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}

/** Held-out rows of one version, with what the framework that trained it predicts for them. */
export interface SampleCase {
  readonly version: number;
  readonly framework: string;
  readonly inputs: readonly SampleTensor[];
  readonly expected: readonly SampleTensor[];
  /** A number may differ by `absolute + relative * |expected|`; strings are exact. */
  readonly tolerance: { readonly absolute: number; readonly relative: number };
}

export interface ShippedModel {
  readonly name: string;
  readonly directory: string;
  /** Ascending. */
  readonly versions: readonly number[];
  readonly cases: readonly SampleCase[];
}

export const modelPath = (model: ShippedModel, version: number): string =>
  join(model.directory, String(version), 'model.onnx');

/** The models of the project's own `models/` folder that take numbers and texts, by name. */
export function readShippedModels(): ShippedModel[] {
  const root = join(projectRoot(), 'models');
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, 'samples.json')))
    .map(({ name }) => {
      const directory = join(root, name);
      const samples = JSON.parse(readFileSync(join(directory, 'samples.json'), 'utf8')) as { cases: SampleCase[] };
      const versions = readdirSync(directory)
        .filter((entry) => /^\d+$/.test(entry))
        .map(Number);
      return { name, directory, versions: versions.sort((a, b) => a - b), cases: samples.cases };
    });
}
