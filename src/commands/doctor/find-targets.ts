import { readdir, stat } from 'node:fs/promises';
import { basename, join, parse, resolve } from 'node:path';
import { modelSettingsParsers } from '../../config/model-settings-texts.js';
import { isModelFile, isModelName } from '../../core/model.js';
import { defaultModelConfig } from '../../core/model-config.js';
import type { FoundModel } from '../../core/model-source.js';
import { isIgnoredName } from '../../sources/folder/folder-entries.js';
import { FolderSource } from '../../sources/folder/folder-source.js';
import { isGoldenFolder } from '../../sources/folder/golden-files.js';
import { isVersionName, modelConfigName, tritonConfigName } from '../../sources/folder/version-folder.js';
import { wantedVersions } from '../../sources/wanted-versions.js';
import { placeOf } from '../model-name-of.js';
import type { Target } from './examine-model.js';
import type { ModelReport } from './report.js';
import type { DoctorFinding, ServingFinding } from './serving-finding.js';
import { versionFindings } from './settings-findings.js';

export interface Targets {
  /** What concerns no single model. */
  readonly findings: readonly DoctorFinding[];
  /** By name; a model without a version to examine is reported as it is. */
  readonly models: readonly (Target | ModelReport)[];
}

/** The model file, or whatever a server of the folder would serve. Rejects when there is nothing at the path. */
export async function findTargets(path: string): Promise<Targets> {
  const absolute = resolve(path);
  if (!(await stat(absolute)).isDirectory()) return { findings: [], models: [fileTarget(absolute)] };
  const findings: ServingFinding[] = [];
  const repository = new FolderSource({
    directory: absolute,
    modelName: (await isModelFolder(absolute)) ? basename(absolute) : undefined,
    pollIntervalMs: 0,
    settings: modelSettingsParsers,
    onProblem: (message) => findings.push({ level: 'error', code: 'repository', message }),
    onNote: (message, model) => {
      if (model === undefined) findings.push({ level: 'note', code: 'no-model-file', message });
    },
  });
  await repository.start();
  repository.stop();
  const models = [...repository.models.values()];
  if (models.length === 0) {
    const message = `${path} holds no model; expected NAME.onnx, NAME/model.onnx or NAME/VERSION/model.onnx in it`;
    findings.push({ level: 'error', code: 'no-models', message });
  }
  return { findings, models: models.flatMap(targetsOf) };
}

/** Whether the folder is that of one model: it holds versions or settings, and nothing that goes by another name. */
async function isModelFolder(path: string): Promise<boolean> {
  const entries = await readdir(path, { withFileTypes: true });
  const names = entries.map(({ name }) => name).filter((name) => !isIgnoredName(name));
  const folders = new Set(entries.filter((entry) => entry.isDirectory()).map(({ name }) => name));
  if (await isHuggingFaceFolder(path, names)) return true;
  const isOther = (name: string): boolean =>
    folders.has(name)
      ? !isVersionName(name) && !isGoldenFolder(name)
      : isModelFile(name) && parse(name).name !== 'model';
  return names.some((name) => isVersionName(name) || settingsNames.has(name)) && !names.some(isOther);
}

const settingsNames: ReadonlySet<string> = new Set([modelConfigName, tritonConfigName]);

/** Whether it is what Hugging Face's tools export: settings of transformers, and the model files in `onnx/`. */
async function isHuggingFaceFolder(path: string, names: readonly string[]): Promise<boolean> {
  if (!names.includes('config.json') || !names.includes('onnx')) return false;
  const inside = await readdir(join(path, 'onnx')).catch(() => []);
  return inside.some(isModelFile);
}

function fileTarget(path: string): Target {
  const { name, version } = placeOf(path);
  const message = `a models folder would leave it out by the name ${JSON.stringify(name)}`;
  const remedy = 'name it with up to 128 letters, digits, ".", "_" and "-", a letter or digit first';
  const findings: ServingFinding[] = isModelName(name)
    ? []
    : [{ level: 'warning', code: 'model-name', message, remedy }];
  return { name, version, path, config: defaultModelConfig, findings };
}

/** What concerns the model as a whole is told with its first version. */
function targetsOf(model: FoundModel): readonly (Target | ModelReport)[] {
  const { name, config, problem, notes = [] } = model;
  const problems: ServingFinding[] =
    problem === undefined ? [] : [{ level: 'error', code: 'repository', message: problem }];
  const unhonoured = notes.map((message): ServingFinding => ({ level: 'note', code: 'not-honoured', message }));
  const findings = [...problems, ...versionFindings(model), ...unhonoured];
  const wanted = wantedVersions(model);
  if (wanted.length === 0) return [{ name, findings }];
  return wanted.map(({ id, modelPath, goldenFiles }, index) => ({
    name,
    version: id.version,
    path: modelPath,
    config,
    goldenFiles,
    findings: index === 0 ? findings : [],
  }));
}
