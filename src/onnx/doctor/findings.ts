import type { ModelInspection } from '../inspect-model.js';
import type { ModelFile } from '../model-file.js';
import { type NodeOutline, visitGraphs } from '../model-outline.js';
import { listed } from '../rewrite/listed.js';
import { freeBatchAdvice } from './export-advice.js';
import type { Finding } from './finding.js';

/** Operators whose outputs differ from run to run. */
const randomOperators: ReadonlySet<string> = new Set([
  ...['RandomNormal', 'RandomNormalLike', 'RandomUniform', 'RandomUniformLike', 'Multinomial', 'Bernoulli'],
]);
/** The newest operator set that the engine's release was made for. */
const newestReleasedOpset = 26;
/** A file of this size takes seconds to load and its weights are held once for each engine process. */
const largeBytes = 1024 ** 3;

/** What can be said of a model without loading it, errors first. */
export function findingsOf({ file, served, problem }: ModelInspection): readonly Finding[] {
  const findings: Finding[] = [];
  if (problem !== undefined) findings.push({ severity: 'error', code: 'not-servable', message: problem });
  findings.push(...fixedBatch(file, served?.unbatchable), ...randomness(file), ...control(file), ...unusedInputs(file));
  findings.push(...provenance(file), ...weights(file));
  for (const message of served?.rewrites ?? []) findings.push({ severity: 'note', code: 'rewritten', message });
  if (served?.unbatchable !== undefined) {
    findings.push({
      severity: 'note',
      code: 'not-batched',
      message: `requests run one at a time: ${served.unbatchable}`,
    });
  }
  return findings;
}

function fixedBatch(file: ModelFile, unbatchable: string | undefined): readonly Finding[] {
  if (unbatchable !== undefined) return [];
  const fixed = file.inputs.flatMap(({ name, type, hasInitializer }) => {
    const shape = type.kind === 'tensor' ? type.shape : null;
    const isFixed = !hasInitializer && shape !== null && shape.length > 1 && typeof shape[0] === 'number';
    return isFixed ? [{ name, shape }] : [];
  });
  const [first] = fixed;
  if (first === undefined) return [];
  const [rows] = first.shape;
  const effect = rows === 1 ? 'requests run one at a time' : `every run computes ${rows} rows`;
  const subject = `input${fixed.length > 1 ? 's' : ''} ${listed(fixed.map(({ name }) => name))}`;
  const message = `the first axis of ${subject} is fixed to ${rows}: ${effect}`;
  return [{ severity: 'warning', code: 'fixed-batch', message, remedy: freeBatchAdvice(file, first) }];
}

function randomness(file: ModelFile): readonly Finding[] {
  const found = usedOperators(file).filter((operator) => randomOperators.has(operator));
  if (file.outline.graph.nodes.some(trainsDropout)) found.push('Dropout with a training mode');
  if (found.length === 0) return [];
  const message = `its outputs differ from run to run: it uses ${found.join(', ')}`;
  return [{ severity: 'warning', code: 'random', message, remedy: 'export it in inference mode, or expect it' }];
}

/** Its third input tells whether it is training. */
const trainsDropout = ({ operator, inputs }: NodeOutline): boolean => operator === 'Dropout' && Boolean(inputs[2]);

function control(file: ModelFile): readonly Finding[] {
  const operators = usedOperators(file);
  const findings: Finding[] = [];
  if (operators.includes('Loop') || operators.includes('Scan')) {
    const message =
      'it holds a loop, so that what a run costs depends on its input; runTimeoutMs in model.json bounds it';
    findings.push({ severity: 'note', code: 'loop', message });
  }
  if (operators.includes('Dropout')) {
    const message = 'it holds Dropout, left from training; the engine passes over it';
    findings.push({ severity: 'note', code: 'training-leftover', message, remedy: 'export it after model.eval()' });
  }
  return findings;
}

function unusedInputs(file: ModelFile): readonly Finding[] {
  const used = new Set<string>();
  visitGraphs(file.outline.graph, ({ nodes, outputs }) => {
    for (const { inputs } of nodes) for (const name of inputs) used.add(name);
    for (const { name } of outputs) used.add(name);
  });
  return file.inputs
    .filter(({ name, hasInitializer }) => !hasInitializer && !used.has(name))
    .map(({ name }) => ({
      severity: 'warning',
      code: 'unused-input',
      message: `input "${name}" has to be given, but nothing in the graph uses it`,
      remedy: 'leave it out of the export',
    }));
}

function provenance({ outline }: ModelFile): readonly Finding[] {
  const opset = outline.opsets.get('ai.onnx') ?? 0;
  if (opset <= newestReleasedOpset) return [];
  const message = `it is written for operator set ${opset}, newer than the engine's ${newestReleasedOpset}: the engine may lack operators of it`;
  return [
    { severity: 'warning', code: 'new-opset', message, remedy: `export it for operator set ${newestReleasedOpset}` },
  ];
}

function weights({ externalFiles, sizeBytes }: ModelFile): readonly Finding[] {
  const findings: Finding[] = [];
  if (externalFiles.length > 0) {
    const names = externalFiles.map(({ location }) => location).join(', ');
    const message = `its weights lie in ${names}: deploy them together, in the same folder`;
    findings.push({ severity: 'note', code: 'external-data', message });
  }
  if (sizeBytes >= largeBytes) {
    const message = `it weighs ${(sizeBytes / largeBytes).toFixed(1)} GiB, which every instance holds for itself`;
    findings.push({
      severity: 'note',
      code: 'large',
      message,
      remedy: 'set instances to 1 in model.json, or quantize it',
    });
  }
  return findings;
}

const usedOperators = ({ operators }: ModelFile): readonly string[] => [...(operators.get('ai.onnx')?.keys() ?? [])];
