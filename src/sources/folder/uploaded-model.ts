import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ModelConfig } from '../../core/model-config.js';
import type { FoundModel } from '../../core/model-source.js';
import { invalidArgument, ServingError } from '../../core/serving-error.js';
import type { SettingsParsers } from './applied-settings.js';
import { FolderSource } from './folder-source.js';
import { uploadPathProblem } from './upload-path.js';
import { modelConfigName } from './version-folder.js';

/** The content of a model's files by their paths in its folder. */
export type ModelFiles = ReadonlyMap<string, Uint8Array>;

/** A model whose files came with a request. They lie in a folder that this server made. */
export interface UploadedModel {
  readonly folder: string;
  readonly found: FoundModel;
  remove(): Promise<void>;
}

export interface UploadOptions {
  readonly name: string;
  readonly files: ModelFiles;
  /** Which of a version's files is the model, where that is asked for. */
  readonly choice: Pick<ModelConfig, 'file' | 'variant'>;
  /** Where the folder is made. */
  readonly directory: string;
  readonly settings: SettingsParsers;
}

const mostFiles = 1000;

/** Writes the files and scans them as any model's folder. Leaves nothing behind where it rejects, with a ServingError. */
export async function uploadModel({ name, files, choice, directory, settings }: UploadOptions): Promise<UploadedModel> {
  requirePaths(files);
  const folder = await made(directory);
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    for (const [path, content] of files) await write(join(folder, path), content);
    if (choice.file !== undefined || choice.variant !== undefined) {
      await write(join(folder, modelConfigName), Buffer.from(JSON.stringify(choice)));
    }
    // Nobody changes these files any more: what lies there is complete.
    const repository = new FolderSource({ directory: folder, modelName: name, pollIntervalMs: 0, settings });
    await repository.start();
    repository.stop();
    const found = repository.models.get(name);
    if (found === undefined) throw new Error('the folder that was written holds no model');
    return { folder, found, remove };
  } catch (error) {
    await remove().catch(() => undefined);
    throw error instanceof ServingError ? error : unwritten(error as NodeJS.ErrnoException);
  }
}

function requirePaths(files: ModelFiles): void {
  if (files.size > mostFiles) throw invalidArgument(`${files.size} files came, and at most ${mostFiles} may`);
  for (const path of files.keys()) {
    const problem = uploadPathProblem(path);
    if (problem !== undefined) throw invalidArgument(`file:${path}: ${problem}`);
    const inside = [...files.keys()].find((other) => other.startsWith(`${path}/`));
    if (inside !== undefined) throw invalidArgument(`file:${path}: it is a folder, too, as file:${inside} says`);
  }
}

async function made(directory: string): Promise<string> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return await mkdtemp(join(directory, 'model-'));
  } catch (error) {
    throw unwritten(error as NodeJS.ErrnoException);
  }
}

async function write(path: string, content: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, content, { flag: 'wx', mode: 0o600 });
}

const unwritten = (cause: NodeJS.ErrnoException): ServingError =>
  new ServingError(
    'UNAVAILABLE',
    `its files cannot be written to the server's temporary folder (${cause.code ?? 'failure'})`,
    {
      cause,
    },
  );
