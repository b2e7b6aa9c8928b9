import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { PreparedModel } from '../../src/core/model-source.js';
import type { NamedTensor, Tensor } from '../../src/core/tensor.js';
import { formatSpec } from '../../src/core/tensor-spec.js';
import { prepareModel } from '../../src/onnx/prepare-model.js';
import { testModel } from '../support/model-paths.js';
import { BareEngine } from './bare-engine.js';

/** Prepares models of the project and runs what comes out of it, for the length of one test file. */
export class Workbench {
  readonly #engine = new BareEngine();
  readonly #cacheDirectory = mkdtemp(join(tmpdir(), 'slipway-rewritten-'));

  constructor() {
    after(async () => {
      this.#engine[Symbol.dispose]();
      await rm(await this.#cacheDirectory, { recursive: true });
    });
  }

  async prepare(name: string): Promise<PreparedModel> {
    return prepareModel(testModel(name), { cacheDirectory: await this.#cacheDirectory });
  }

  /** A model that a test wrote itself. */
  async prepareFile(name: string, bytes: Uint8Array): Promise<PreparedModel> {
    const cacheDirectory = await this.#cacheDirectory;
    const path = join(cacheDirectory, `${name}.model.onnx`);
    await writeFile(path, bytes);
    return prepareModel(path, { cacheDirectory });
  }

  run(model: PreparedModel, given: Readonly<Record<string, Tensor>>): Promise<Record<string, NamedTensor>> {
    return this.#engine.run(model, given);
  }
}

/** `name TYPE[shape]` of every input, or output. */
export const inputsOf = ({ signature }: PreparedModel): readonly string[] =>
  signature.inputs.map((spec) => `${spec.name} ${formatSpec(spec)}`);

export const outputsOf = ({ signature }: PreparedModel): readonly string[] =>
  signature.outputs.map((spec) => `${spec.name} ${formatSpec(spec)}`);

export const floats = (values: readonly number[], shape: readonly number[] = [values.length]): Tensor => ({
  dataType: 'FP32',
  shape,
  data: Float32Array.from(values),
});

export const longs = (values: readonly number[], shape: readonly number[] = [values.length]): Tensor => ({
  dataType: 'INT64',
  shape,
  data: BigInt64Array.from(values, BigInt),
});

export const texts = (values: readonly string[], shape: readonly number[] = [values.length]): Tensor => ({
  dataType: 'BYTES',
  shape,
  data: values,
});

export const flag = (value: boolean): Tensor => ({ dataType: 'BOOL', shape: [], data: Uint8Array.of(value ? 1 : 0) });

/** Elements as plain numbers and texts, with the shape. */
export function plain(tensor: Tensor | undefined): { shape: readonly number[]; data: readonly (number | string)[] } {
  if (tensor === undefined) throw new Error('no such output');
  const data = Array.from(tensor.data as ArrayLike<unknown>, (value) =>
    typeof value === 'string' ? value : Number(value),
  );
  return { shape: tensor.shape, data };
}
