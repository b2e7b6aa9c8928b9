import type { GoldenFile } from '../core/model-source.js';
import { invalidArgument } from '../core/serving-error.js';
import type { NamedTensor } from '../core/tensor.js';
import type { TensorSpec } from '../core/tensor-spec.js';
import { tensorDifference } from './compare-tensors.js';
import type { AskedVersion, GoldenCase } from './golden-case.js';
import { tolerancesOf } from './tolerance.js';

/** A folder of ONNX's test data: a request and its answer, a file for each tensor. */
export interface TestDataSet {
  /** `2/test_data_set_0` */
  readonly name: string;
  readonly inputs: readonly TestTensorFile[];
  readonly outputs: readonly TestTensorFile[];
}

export interface TestTensorFile {
  readonly file: GoldenFile;
  /** In the order of the graph's inputs or outputs. */
  readonly index: number;
}

export type TestTensor = TestTensorFile & { readonly tensor: NamedTensor };

const testTensor = /^(?<set>.*)\/(?<kind>input|output)_(?<index>\d+)\.pb$/;

/** The sets among the files, in order. */
export function testDataSets(files: readonly GoldenFile[]): readonly TestDataSet[] {
  const sets = new Map<string, { name: string; inputs: TestTensorFile[]; outputs: TestTensorFile[] }>();
  for (const file of files) {
    const { set, kind, index } = testTensor.exec(file.name)?.groups ?? {};
    if (set === undefined) continue;
    const known = sets.get(set) ?? { name: set, inputs: [], outputs: [] };
    sets.set(set, known);
    known[kind === 'input' ? 'inputs' : 'outputs'].push({ file, index: Number(index) });
  }
  return [...sets.values()];
}

/** Compared are tensors. Throws INVALID_ARGUMENT, to be put after the set's name. */
export function testDataCase(
  { name, inputs, outputs }: Pick<TestDataSet, 'name'> & Record<'inputs' | 'outputs', readonly TestTensor[]>,
  { config, model }: AskedVersion,
): GoldenCase {
  const { signature } = model;
  const tolerances = tolerancesOf(config, undefined);
  const asked = inputs.map(({ tensor, index, file }) => {
    const spec = specOf(tensor.name, index, signature.inputs);
    if (spec !== undefined) return [spec.name, tensor] as const;
    throw invalidArgument(`${baseName(file.name)} is of no input of the model, which has ${signature.inputs.length}`);
  });
  const isChosen = config.outputs !== undefined || config.tensors !== undefined;
  return {
    name,
    request: { inputs: new Map(asked) },
    difference: (inference) => {
      for (const { tensor, index, file } of outputs) {
        const spec = isChosen
          ? specNamed(tensor.name, signature.outputs)
          : specOf(tensor.name, index, signature.outputs);
        // An output that is not served is not compared.
        if (spec === undefined && isChosen) continue;
        const got = inference.outputs.find((output) => output.name === spec?.name);
        if (got === undefined) return `${baseName(file.name)} is of no output of the model`;
        const difference = tensorDifference(got, tensor, tolerances);
        if (difference !== undefined) return `output "${got.name}" ${difference}`;
      }
      return undefined;
    },
  };
}

const specNamed = (name: string, specs: readonly TensorSpec[]): TensorSpec | undefined =>
  specs.find((spec) => spec.name === name);

/** Names are optional there. */
const specOf = (name: string, index: number, specs: readonly TensorSpec[]): TensorSpec | undefined =>
  specNamed(name, specs) ?? specs[index];

const baseName = (name: string): string => name.slice(name.lastIndexOf('/') + 1);
