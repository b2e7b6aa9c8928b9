import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CaseValue } from '../onnx/corpus-case.js';
import { parseExactJson } from './exact-json.js';

/** A model that nobody here wrote, with inputs and what it has to answer. */
export interface ConformanceCase {
  readonly id: string;
  /** `onnx-backend` or `frameworks`. */
  readonly suite: string;
  /** Within the suite: the kind of operator test, or the framework. */
  readonly group: string;
  readonly modelPath: string;
  /** Files that the model refers to. */
  readonly companions: readonly string[];
  /** What onnxruntime-node does with it by itself: `pass`, or why not. */
  readonly bareEngine: string;
  /** What a small choice of cases should have at least once: types, and what is out of the ordinary about its tensors. */
  readonly traits: readonly string[];
  readonly read: () => CaseContent;
}

export interface CaseContent {
  readonly inputs: readonly CaseValue[];
  /** Empty where nobody recorded an answer. */
  readonly expected: readonly CaseValue[];
  /** Whether the corpus has a value for every input. */
  readonly isComplete: boolean;
}

const readJson = (path: string): unknown => parseExactJson(readFileSync(path, 'utf8'));

/** Every case below the directory, in the order of its indices. */
export const readCorpus = (directory: string): ConformanceCase[] => [
  ...backendCases(join(directory, 'onnx-backend')),
  ...frameworkCases(join(directory, 'frameworks')),
];

interface BackendEntry {
  readonly id: string;
  readonly case: string;
  readonly model: string;
  readonly engine: string;
  readonly flags?: readonly string[];
  /** Types of its inputs and outputs. */
  readonly in?: readonly string[];
  readonly out?: readonly string[];
}

function backendCases(directory: string): ConformanceCase[] {
  return readIndex<BackendEntry>(directory).map(
    ({ id, model, engine, flags = [], in: takes = [], out: gives = [], case: casePath }) => ({
      id: id.replace('/test_data_set_0', ''),
      suite: 'onnx-backend',
      group: id.split('/')[0] as string,
      modelPath: join(directory, model),
      companions: [],
      bareEngine: engine,
      traits: [...flags, ...takes, ...gives],
      read: () => {
        const { inputs, outputs } = readJson(join(directory, casePath)) as Record<'inputs' | 'outputs', CaseValue[]>;
        return { inputs, expected: outputs, isComplete: true };
      },
    }),
  );
}

interface FrameworkEntry {
  readonly id: string;
  readonly engine: string;
}

interface EngineRecord {
  readonly status: string;
  readonly outputs?: readonly CaseValue[];
}

function frameworkCases(directory: string): ConformanceCase[] {
  return readIndex<FrameworkEntry>(directory).map(({ id, engine }) => {
    const folder = join(directory, id);
    const recordPath = join(folder, 'engine.json');
    const record = (): EngineRecord | undefined =>
      existsSync(recordPath) ? (readJson(recordPath) as EngineRecord) : undefined;
    return {
      id,
      suite: 'frameworks',
      group: dirname(id),
      modelPath: join(folder, 'model.onnx'),
      companions: readdirSync(folder)
        .filter((file) => file !== 'model.onnx' && !/^(case|engine|source)\.json$/.test(file))
        .map((file) => join(folder, file)),
      // The record is the run's own; the index may have been written before it.
      bareEngine: record()?.status ?? engine,
      traits: [],
      read: () => frameworkContent(join(folder, 'case.json'), record()),
    };
  });
}

/** The framework's own answers, and the engine's for outputs that the framework gave none for. */
function frameworkContent(casePath: string, record: EngineRecord | undefined): CaseContent {
  const content = readJson(casePath) as {
    readonly inputs: readonly CaseValue[];
    readonly framework_expected: readonly CaseValue[] | null;
    readonly unsupported_inputs?: readonly string[];
  };
  const own = content.framework_expected ?? [];
  const others = (record?.outputs ?? []).filter((answer) => !own.some(({ name }) => name === answer.name));
  return {
    inputs: content.inputs,
    expected: [...own, ...others],
    isComplete: (content.unsupported_inputs ?? []).length === 0,
  };
}

const readIndex = <Entry>(directory: string): readonly Entry[] =>
  existsSync(directory) ? (JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8')) as Entry[]) : [];
