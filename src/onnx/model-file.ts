import { type ExternalFile, findExternalFiles } from './external-files.js';
import { FileWindow } from './file-window.js';
import { type ModelOutline, type ValueOutline, visitGraphs } from './model-outline.js';
import { countOperators, type OperatorCounts } from './operator-counts.js';
import { isOrtFormat, readOrtOutline } from './read-ort-outline.js';
import { readOutline } from './read-outline.js';

/** An input or output as the file declares it. */
export interface DeclaredValue extends ValueOutline {
  /** An input that the file gives a value for. */
  readonly hasInitializer: boolean;
}

/** What a model file says about itself. */
export interface ModelFile {
  /** Absolute. */
  readonly path: string;
  /** ONNX, or onnxruntime's own format. */
  readonly format: 'onnx' | 'ort';
  readonly outline: ModelOutline;
  readonly inputs: readonly DeclaredValue[];
  readonly outputs: readonly DeclaredValue[];
  readonly externalFiles: readonly ExternalFile[];
  /** Bytes of the file itself. */
  readonly fileBytes: number;
  /** Bytes of the file and of its external data. */
  readonly sizeBytes: number;
  /** Elements of all initializers. */
  readonly parameterCount: number;
  readonly operators: OperatorCounts;
}

/**
 * Reads a model file, whatever its size, at the cost of its graph: weights are skipped.
 * Throws a ServingError (INVALID_ARGUMENT, NOT_FOUND) whose message says in a sentence what the file is instead.
 */
export async function readModelFile(path: string): Promise<ModelFile> {
  await using file = await FileWindow.open(path);
  return await describeModelFile(file);
}

/** As `readModelFile`, of a file that is open. */
export async function describeModelFile(file: FileWindow): Promise<ModelFile> {
  const format = (await isOrtFormat(file)) ? 'ort' : 'onnx';
  const outline = format === 'ort' ? await readOrtOutline(file) : await readOutline(file);
  const { graph } = outline;
  const { path, size: fileBytes } = file;
  const externalFiles = await findExternalFiles(path, graph);
  const initializers = new Set(graph.initializers.map(({ name }) => name));
  const declared = (values: readonly ValueOutline[]): DeclaredValue[] =>
    values.map((value) => ({ ...value, hasInitializer: initializers.has(value.name) }));
  return {
    path,
    format,
    outline,
    inputs: declared(graph.inputs),
    outputs: declared(graph.outputs),
    externalFiles,
    fileBytes,
    sizeBytes: externalFiles.reduce((sum, { bytes }) => sum + bytes, fileBytes),
    parameterCount: countParameters(outline),
    operators: countOperators(outline),
  };
}

function countParameters({ graph }: ModelOutline): number {
  let count = 0;
  visitGraphs(graph, ({ initializers }) => {
    for (const { dims } of initializers) count += dims.reduce((product, size) => product * size, 1);
  });
  return count;
}
