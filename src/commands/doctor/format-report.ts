import { basename } from 'node:path';
import { formatSpec, type TensorSpec } from '../../core/tensor-spec.js';
import { formatBytes } from '../../onnx/format-inspection.js';
import type { ModelFile } from '../../onnx/model-file.js';
import { formatCosts, someOf } from '../format-cost.js';
import { taskLine } from '../format-task.js';
import { describeBatching } from '../serving-report.js';
import { hanging, printable, wrapped } from '../terminal-text.js';
import type { ServingTrial } from '../try-serving.js';
import { countFindings, type DoctorReport, type ModelReport } from './report.js';
import type { DoctorFinding } from './serving-finding.js';
import type { TextStyle } from './text-style.js';

const mostTensors = 6;

/** A model's facts and findings, for people; ends with an empty line. */
export function formatModel({ name, version, path, inspection, trial, findings }: ModelReport, style: TextStyle) {
  const title = oneLine(version === undefined ? name : `${name}/${version}`);
  const lines = [
    `${style.accent('title', title)}${path === undefined ? '' : `  ${style.accent('faint', oneLine(path))}`}`,
    ...facts(inspection?.file, trial).flatMap(([label, text]) => field(`  ${label.padEnd(10)}`, text, style)),
    ...findings.flatMap((finding) => formatFinding(finding, style)),
    ...(findings.length === 0 ? ['  nothing to find fault with'] : []),
  ];
  return `${lines.join('\n')}\n\n`;
}

function facts(file: ModelFile | undefined, trial: ServingTrial | undefined): readonly (readonly [string, string])[] {
  return [
    ...(file === undefined ? [] : [['file', describeFile(file)] as const]),
    ...(trial === undefined ? [] : factsOfTrial(trial)),
  ];
}

function describeFile({ outline, sizeBytes, parameterCount, format }: ModelFile): string {
  const opsets = [...outline.opsets].map(([domain, version]) => `${domain} ${version}`).join(', ');
  const parts = [
    formatBytes(sizeBytes),
    parameterCount === 0 ? '' : `${parameterCount.toLocaleString('en')} parameter${parameterCount === 1 ? '' : 's'}`,
    `${outline.producerName} ${outline.producerVersion}`.trim(),
    format === 'ort' ? 'onnxruntime format' : opsets,
  ];
  return parts.filter(Boolean).join('; ');
}

function factsOfTrial(trial: ServingTrial): readonly (readonly [string, string])[] {
  const { signature, batching, costs, engineBytes, instances, task } = trial;
  const processes = instances === 1 ? 'one engine process' : `each of ${instances} engine processes`;
  return [
    ['inputs', describeTensors(signature.inputs)],
    ['outputs', describeTensors(signature.outputs)],
    ...(task === undefined ? [] : [['task', taskLine(task)] as const]),
    ['requests', batching.kind === 'none' ? 'run one at a time' : describeBatching(trial)],
    ...(costs.length === 0 ? [] : [['latency', formatCosts(someOf(costs))] as const]),
    ['memory', `${formatBytes(engineBytes)} in ${processes}`],
  ];
}

function describeTensors(specs: readonly TensorSpec[]): string {
  const shown = specs.slice(0, mostTensors).map((spec) => `${spec.name} ${formatSpec(spec)}`);
  if (specs.length > mostTensors) shown.push(`and ${specs.length - mostTensors} more`);
  return shown.join('; ') || 'none';
}

/** The level, the message, its code, and below it what to do. */
export function formatFinding(finding: DoctorFinding, style: TextStyle): readonly string[] {
  const { level, code, message, remedy, example } = finding;
  const head = `  ${level.padEnd(10)}`;
  const [first = '', ...rest] = field(head, `${message} [${code}]`, style);
  return [
    style.accent(level, first.slice(0, head.length)) + first.slice(head.length),
    ...rest,
    ...(remedy === undefined ? [] : field(`${' '.repeat(head.length)}→ `, remedy, style)),
    // Code is shown to be copied: never broken.
    ...(example ?? '')
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [`${' '.repeat(head.length + 4)}${printable(line)}`])),
  ];
}

function field(head: string, text: string, { width }: TextStyle): readonly string[] {
  const line = oneLine(text);
  return hanging(head, width === undefined ? [line] : wrapped(line, width - head.length));
}

const oneLine = (text: string): string => printable(text.replaceAll(/\s+/g, ' '));

/** The last line: what was found in all. */
export function formatSummary(report: DoctorReport, style: TextStyle): string {
  const { error, warning, note } = countFindings(report);
  const models = report.models.length;
  const accented = (level: 'error' | 'warning', count: number): string => {
    const text = counted(count, level);
    return count === 0 ? text : style.accent(level, text);
  };
  const findings = [accented('error', error), accented('warning', warning), counted(note, 'note')].join(', ');
  return `${counted(models, 'model')}: ${findings}\n`;
}

const counted = (count: number, noun: string): string =>
  `${count === 0 ? 'no' : count} ${noun}${count === 1 ? '' : 's'}`;

/** What concerns no single model. */
export function formatGeneral(findings: readonly DoctorFinding[], path: string, style: TextStyle): string {
  if (findings.length === 0) return '';
  const title = style.accent('title', oneLine(basename(path)));
  return `${[title, ...findings.flatMap((finding) => formatFinding(finding, style))].join('\n')}\n\n`;
}
