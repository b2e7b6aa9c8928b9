import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import { modelSettingsParsers } from '../config/model-settings-texts.js';
import { isModelFile } from '../core/model.js';
import { FolderSource, type FolderSourceOptions } from '../sources/folder/folder-source.js';
import { modelNameOf } from './model-name-of.js';

/** The source that the settings name: the models folder, or one file. Its problems and notes are logged. */
export const configuredFolder = (config: Config, logger: Logger): FolderSource =>
  new FolderSource({
    ...placeOf(config),
    allowLinksTo: config.allowLinksTo.map((folder) => resolve(folder)),
    pollIntervalMs: config.pollIntervalMs,
    mayComeLater: config.waitForModelsMs > 0,
    settings: modelSettingsParsers,
    onProblem: (problem) => logger.warn(`model repository: ${problem}`),
    onNote: (note, model) => logger.info(model === undefined ? `model repository: ${note}` : `${model}: ${note}`),
  });

/** A file that is no more is still one: it may come back. */
function placeOf({ models, modelName }: Config): Pick<FolderSourceOptions, 'directory' | 'modelName' | 'sole'> {
  const isFile = isModelFile(models) && statSync(models, { throwIfNoEntry: false })?.isDirectory() !== true;
  if (!isFile) return { directory: models, modelName };
  return { directory: dirname(models), sole: { file: basename(models), name: modelName ?? modelNameOf(models) } };
}
