import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { DataType } from '../../src/core/data-type.js';
import type { Batch, InstanceGroup, LoadRequest } from '../../src/core/inference-engine.js';
import type { TensorData } from '../../src/core/tensor.js';
import { ProcessEngine, type ProcessEngineOptions } from '../../src/engine/process-engine.js';
import { projectRoot } from '../../tools/project-root.js';

/** A model made by tools/models/make-engine-test-models.py. */
export const modelPath = (name: string): string => join(projectRoot(), 'test/models/engine', `${name}.onnx`);

/** An engine that is closed when the test ends. */
export function startEngine(test: TestContext, options: Partial<ProcessEngineOptions> = {}): ProcessEngine {
  const engine = new ProcessEngine({ observer: {}, telemetry: false, loadTimeoutMs: 60_000, ...options });
  test.after(() => engine.close());
  return engine;
}

export const loadRequest = (model: string, more: Partial<LoadRequest> = {}): LoadRequest => ({
  id: { name: model, version: 1 },
  files: () => ({ modelPath: modelPath(model) }),
  instances: 1,
  threads: 1,
  ...more,
});

export interface GivenInput {
  readonly name?: string;
  readonly dataType: DataType;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

export const batchOf = (inputs: readonly GivenInput[], outputs: readonly string[] = ['y']): Batch => ({
  inputs: inputs.map(({ name = 'x', dataType, shape, data }) => ({ name, dataType, shape, parts: [data] })),
  outputs,
});

export const integers = (name: string, ...values: readonly number[]): GivenInput => ({
  name,
  dataType: 'INT32',
  shape: [values.length],
  data: Int32Array.from(values),
});

/** `a / b` of the model `divide`. */
export const division = (a: number, b: number): Batch => batchOf([integers('a', a), integers('b', b)]);

/** Ends the engine process that computes it. */
export const poison = division(-(2 ** 31), -1);

/** For the model `count`: so many steps. */
export const counting = (steps: bigint): Batch =>
  batchOf([{ name: 'n', dataType: 'INT64', shape: [], data: BigInt64Array.of(steps) }]);

/** Never ends within a test. */
export const endless = counting(2n ** 62n);

/** The kind of failure that ends an endless run; the second, where the machine is too busy for it to run at all. */
export const tooLong = /^(RUN_TIMEOUT|STALLED)$/;

export const floats = (...values: readonly number[]): Batch =>
  batchOf([{ dataType: 'FP32', shape: [values.length], data: Float32Array.from(values) }]);

/** Resolves when the group can take a batch. */
export function capacity(group: InstanceGroup): Promise<void> {
  if (group.hasCapacity) return Promise.resolve();
  return new Promise((resolve) => {
    group.onCapacity(() => {
      if (group.hasCapacity) resolve();
    });
  });
}

/** Runs as soon as there is a place. */
export async function run(group: InstanceGroup, batch: Batch, options = {}): Promise<readonly TensorData[]> {
  for (;;) {
    const result = await group.tryRun(batch, options);
    if (result !== undefined) return result.outputs.map(({ data }) => data);
    await capacity(group);
  }
}
