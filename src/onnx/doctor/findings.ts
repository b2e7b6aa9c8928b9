import type { Batching } from '../../core/model.js';
import { listed } from '../../core/short-text.js';
import type { ModelInspection } from '../inspect-model.js';
import type { ModelFile } from '../model-file.js';
import { visitGraphs } from '../model-outline.js';
import { newestOfEngine } from '../rewrite/newer-opset.js';
import { fixedBatchFindings } from './batch-axis.js';
import type { FileFinding } from './finding.js';
import { servingProblems } from './serving-problems.js';

/** The first operator set that the engine was made for. */
const oldestOpset = 7;
/** A file of this size takes seconds to load and its weights are held once for each engine process. */
const largeBytes = 1024 ** 3;

/**
 * What a model file tells. `batching`: how requests were found to share runs, where the model was tried out.
 */
export function findingsOf({ file, modes, served, problem }: ModelInspection, batching?: Batching): FileFinding[] {
  const leftOut = served?.leftOut ?? [];
  const rewrites = (served?.rewrites ?? []).filter((sentence) => !leftOut.includes(sentence));
  return [
    ...servingProblems(file, problem),
    ...(served?.unbatchable === undefined ? fixedBatchFindings(file, batching) : []),
    ...leftOut.map((message): FileFinding => ({ level: 'warning', code: 'output-left-out', message })),
    ...runModes(modes),
    ...unusedInputs(file),
    ...opset(file, served?.opset),
    ...rewrites.map((message): FileFinding => ({ level: 'note', code: 'rewritten', message })),
    ...control(file, modes),
    ...unknownShapes(served),
    ...weights(file),
  ];
}

function runModes({ random, training }: ModelInspection['modes']): readonly FileFinding[] {
  const findings: FileFinding[] = [];
  const remedy = 'export it in inference mode (PyTorch: model.eval())';
  if (random.length > 0) {
    const message = `its outputs differ from run to run: it uses ${random.join(', ')}`;
    findings.push({ level: 'warning', code: 'random', message, remedy: `${remedy}, unless chance is what it is for` });
  }
  if (training.length > 0) {
    const message = `${training.join(', ')} is in training mode: a row's answer depends on the rows beside it`;
    findings.push({ level: 'warning', code: 'training-mode', message, remedy });
  }
  return findings;
}

function unusedInputs({ outline: { graph }, inputs: declared }: ModelFile): readonly FileFinding[] {
  const used = new Set<string>();
  visitGraphs(graph, ({ nodes, outputs }) => {
    for (const { inputs } of nodes) for (const name of inputs) used.add(name);
    for (const { name } of outputs) used.add(name);
  });
  const unused = declared.filter(({ name, hasInitializer }) => !hasInitializer && !used.has(name));
  if (unused.length === 0) return [];
  const [subject, are, them] = unused.length === 1 ? ['input', 'has', 'it'] : ['inputs', 'have', 'them'];
  const message = `${subject} ${listed(unused.map(({ name }) => name))} ${are} to be given, but nothing in the graph uses ${them}`;
  return [{ level: 'warning', code: 'unused-input', message, remedy: `leave ${them} out of the export` }];
}

/** `loaded`: the operator set that the engine is to load the graph as; undefined where it cannot be served. */
function opset({ outline, operators }: ModelFile, loaded: number | undefined): readonly FileFinding[] {
  // A file may import a set that it uses nothing of.
  const version = operators.has('ai.onnx') ? outline.opsets.get('ai.onnx') : undefined;
  if (version !== undefined && version > newestOfEngine && (loaded ?? version) > newestOfEngine) {
    const message = `it is written for operator set ${version}, newer than the engine's ${newestOfEngine}: the engine lacks the operators of it`;
    return [{ level: 'warning', code: 'newer-opset', message, remedy: `export it for operator set ${newestOfEngine}` }];
  }
  if (version !== undefined && version > 0 && version < oldestOpset) {
    const message = `it is written for operator set ${version}, older than ${oldestOpset}, the first that the engine supports`;
    return [{ level: 'note', code: 'older-opset', message, remedy: 'export it with a newer release of its exporter' }];
  }
  return [];
}

function control({ operators }: ModelFile, { random }: ModelInspection['modes']): readonly FileFinding[] {
  const standard = operators.get('ai.onnx');
  const findings: FileFinding[] = [];
  if (standard?.has('Loop') || standard?.has('Scan')) {
    const message = 'it holds a loop, so that what a run costs depends on its input';
    const remedy = 'bound it by runTimeoutMs in model.json';
    findings.push({ level: 'note', code: 'loop', message, remedy });
  }
  if (standard?.has('Dropout') && random.length === 0) {
    const message = 'it holds Dropout, left from training; the engine passes over it';
    findings.push({ level: 'note', code: 'training-leftover', message });
  }
  return findings;
}

function unknownShapes(served: ModelInspection['served']): readonly FileFinding[] {
  const names = (served?.signature.inputs ?? []).filter(({ shape }) => shape === null).map(({ name }) => name);
  if (names.length === 0) return [];
  const message = `the file does not tell the shape of ${listed(names)}: clients cannot be told what to send`;
  return [{ level: 'note', code: 'unknown-shape', message, remedy: 'declare the shape where the model is exported' }];
}

function weights({ externalFiles, sizeBytes }: ModelFile): readonly FileFinding[] {
  const findings: FileFinding[] = [];
  const present = externalFiles.filter(({ problem }) => problem === undefined);
  if (present.length > 0) {
    const message = `weights lie in ${listed(present.map(({ location }) => location))} beside the model file`;
    findings.push({ level: 'note', code: 'external-data', message, remedy: 'deploy the files together' });
  }
  if (sizeBytes >= largeBytes) {
    const message = `it weighs ${(sizeBytes / 1024 ** 3).toFixed(1)} GiB, which every instance holds for itself`;
    const remedy = 'set instances to 1 in model.json, or quantize it';
    findings.push({ level: 'note', code: 'large', message, remedy });
  }
  return findings;
}
