import { formatSpec, type TensorSpec } from '../core/tensor-spec.js';
import type { ModelInspection } from './inspect-model.js';
import type { DeclaredValue, ModelFile } from './model-file.js';
import { formatValueType } from './value-type.js';

/** What `slipway inspect` prints: a heading and its lines, one after another. */
export function formatInspection({ file, served, problem }: ModelInspection): string {
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ['Model', facts(file)],
    ['Inputs', file.inputs.filter(({ hasInitializer }) => !hasInitializer).map(formatDeclared)],
    ['Outputs', file.outputs.map(formatDeclared)],
    ['Operators', operators(file)],
    [
      'External data',
      file.externalFiles.map(({ location, bytes, problem: fault }) => `${location}  ${fault ?? formatBytes(bytes)}`),
    ],
    ['Properties', [...file.outline.properties].map(([key, value]) => `${key}: ${shortened(value)}`)],
    ['Rewritten', served?.rewrites ?? []],
    ['Served as', served === undefined ? [] : formatSignature(served.signature)],
    ['Runs one request at a time', served?.unbatchable === undefined ? [] : [served.unbatchable]],
    ['Cannot be served', problem === undefined ? [] : [problem]],
  ];
  const filled = sections.filter(([, lines]) => lines.length > 0);
  return `${filled.map(([heading, lines]) => `${heading}\n${lines.map((line) => `  ${line}\n`).join('')}`).join('\n')}`;
}

function facts({ path, format, outline, fileBytes, sizeBytes, parameterCount, inputs }: ModelFile): readonly string[] {
  const weights = inputs.filter(({ hasInitializer }) => hasInitializer).length;
  const opsets = [...outline.opsets].map(([domain, version]) => `${domain} ${version}`).join(', ');
  const rows: readonly (readonly [string, string])[] = [
    ['file', path],
    [
      'size',
      sizeBytes === fileBytes
        ? formatBytes(fileBytes)
        : `${formatBytes(fileBytes)}, ${formatBytes(sizeBytes)} with external data`,
    ],
    ['parameters', parameterCount.toLocaleString('en')],
    ['format', format === 'ort' ? 'onnxruntime (.ort)' : ''],
    ['producer', `${outline.producerName} ${outline.producerVersion}`.trim()],
    ['graph', outline.graph.name],
    ['IR version', String(outline.irVersion)],
    ['operator sets', opsets],
    ['functions', outline.functions.map(({ domain, name }) => `${domain}.${name}`).join(', ')],
    ['inputs with values', weights === 0 ? '' : String(weights)],
    ['description', shortened(outline.docString || outline.graph.docString)],
  ];
  return rows.filter(([, value]) => value !== '').map(([name, value]) => `${name.padEnd(18)} ${value}`);
}

const formatDeclared = ({ name, type, description }: DeclaredValue): string =>
  `${name}  ${formatValueType(type)}${description === '' ? '' : `  ${shortened(description)}`}`;

function operators({ operators: counts }: ModelFile): readonly string[] {
  return [...counts].map(([domain, names]) => {
    const sorted = [...names].sort(([, left], [, right]) => right - left);
    return `${domain}: ${sorted.map(([name, count]) => (count === 1 ? name : `${name} × ${count}`)).join(', ')}`;
  });
}

const formatSignature = ({
  inputs,
  outputs,
}: {
  inputs: readonly TensorSpec[];
  outputs: readonly TensorSpec[];
}): readonly string[] => [
  ...inputs.map((spec) => `input   ${formatServed(spec)}`),
  ...outputs.map((spec) => `output  ${formatServed(spec)}`),
];

function formatServed(spec: TensorSpec): string {
  const labels = spec.classLabels === undefined ? '' : `  columns: ${shortened(spec.classLabels.join(', '))}`;
  return `${spec.name}  ${formatSpec(spec)}${spec.optional === true ? '  may be left out' : ''}${labels}`;
}

const longestText = 100;

const shortened = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > longestText ? `${line.slice(0, longestText - 1)}…` : line;
};

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let size = bytes;
  let unit = -1;
  for (; size >= 1024 && unit < units.length - 1; unit++) size /= 1024;
  return `${size.toFixed(1)} ${units[unit]}`;
}
