import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, parse, resolve } from 'node:path';
import { parseModelConfig } from '../../config/model-config-schema.js';
import { defaultModelConfig } from '../../core/model-config.js';
import { isModelName } from '../../core/model-name.js';
import type { FoundModel } from '../../core/model-source.js';
import { isIgnoredName } from '../../repository/ignored-name.js';
import { isModelFile } from '../../repository/model-file-choice.js';
import { ModelRepository } from '../../repository/model-repository.js';
import { modelConfigName } from '../../repository/version-files.js';
import { isVersionName } from '../../repository/version-folders.js';
import { wantedVersions } from '../../repository/version-policy.js';
import { modelNameOf } from '../model-name-of.js';
import type { Patient } from './examine-model.js';
import type { ModelReport } from './report.js';
import type { DoctorFinding, ServingFinding } from './serving-finding.js';
import { versionFindings } from './settings-findings.js';

export interface Patients {
  /** What concerns no single model. */
  readonly findings: readonly DoctorFinding[];
  /** By name; a model without a version to examine is reported as it is. */
  readonly models: readonly (Patient | ModelReport)[];
}

/** The model file, or whatever a server of the folder would serve. Rejects when there is nothing at the path. */
export async function findPatients(path: string): Promise<Patients> {
  const absolute = resolve(path);
  if (!(await stat(absolute)).isDirectory()) return { findings: [], models: [filePatient(absolute)] };
  const findings: ServingFinding[] = [];
  const repository = new ModelRepository({
    directory: absolute,
    modelName: (await isModelFolder(absolute)) ? basename(absolute) : undefined,
    pollIntervalMs: 0,
    parseModelConfig,
    onProblem: (message) => findings.push({ level: 'error', code: 'repository', message }),
  });
  await repository.start();
  repository.stop();
  const models = [...repository.models.values()];
  if (models.length === 0) {
    const message = `${path} holds no model; expected NAME.onnx, NAME/model.onnx or NAME/VERSION/model.onnx in it`;
    findings.push({ level: 'error', code: 'no-models', message });
  }
  return { findings, models: models.flatMap(patientsOf) };
}

/** Whether the folder is that of one model: it holds versions or settings, and nothing that goes by another name. */
async function isModelFolder(path: string): Promise<boolean> {
  const entries = await readdir(path, { withFileTypes: true });
  const names = entries.map(({ name }) => name).filter((name) => !isIgnoredName(name));
  const folders = new Set(entries.filter((entry) => entry.isDirectory()).map(({ name }) => name));
  const isOther = (name: string): boolean =>
    folders.has(name) ? !isVersionName(name) : isModelFile(name) && parse(name).name !== 'model';
  return names.some((name) => isVersionName(name) || name === modelConfigName) && !names.some(isOther);
}

function filePatient(path: string): Patient {
  const name = modelNameOf(path);
  const message = `a models folder would leave it out by the name ${JSON.stringify(name)}`;
  const remedy = 'name it with up to 128 letters, digits, ".", "_" and "-", a letter or digit first';
  const findings: ServingFinding[] = isModelName(name)
    ? []
    : [{ level: 'warning', code: 'model-name', message, remedy }];
  return { name, version: versionOf(path), path, config: defaultModelConfig, findings };
}

/** `iris/2/model.onnx` is version 2, any other file the first. */
const versionOf = (path: string): number => Number(/^[1-9]\d{0,14}$/.exec(basename(dirname(path)))?.[0] ?? 1);

/** What concerns the model as a whole is told with its first version. */
function patientsOf(model: FoundModel): readonly (Patient | ModelReport)[] {
  const { name, config, problem } = model;
  const problems: ServingFinding[] =
    problem === undefined ? [] : [{ level: 'error', code: 'repository', message: problem }];
  const findings = [...problems, ...versionFindings(model)];
  const wanted = wantedVersions(model);
  if (wanted.length === 0) return [{ name, findings }];
  return wanted.map(({ id, modelPath }, index) => ({
    name,
    version: id.version,
    path: modelPath,
    config,
    findings: index === 0 ? findings : [],
  }));
}
