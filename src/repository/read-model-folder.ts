import { astray, type FolderEntry, listEntries, readFolderEntry, undefinedWhenMissing } from './folder-entries.js';
import { isModelFile } from './model-file-choice.js';
import { type ModelSighting, type Sighting, type Unreadable, unreadable, type VersionContent } from './sighting.js';
import { modelConfigName, readVersionFolder } from './version-files.js';
import { findVersionFolders, isVersionName } from './version-folders.js';

/** More changes of the folder than this during one look are left to the next one. */
const mostReadings = 5;

/**
 * A model's folder: version folders, or the one version's files themselves, and `model.json` where there is one. Never
 * a mixture of how it was and how it is: where one version took another's place meanwhile, neither might be seen.
 */
export async function readModelFolder(name: string, folder: FolderEntry, root: string): Promise<ModelSighting> {
  let before = folder;
  for (let readings = 1; ; readings++) {
    const sighting = await readOnce(name, before, root);
    const after = await readFolderEntry(folder.path).catch(undefinedWhenMissing);
    if (after?.stamp === before.stamp) return sighting;
    if (after === undefined || readings === mostReadings) {
      return { ...sighting, changedAtMs: Number.POSITIVE_INFINITY };
    }
    before = { ...after, name: folder.name };
  }
}

async function readOnce(name: string, folder: FolderEntry, root: string): Promise<ModelSighting> {
  const isTelling = (entry: string) => entry === modelConfigName || isVersionName(entry) || isModelFile(entry);
  const entries = await listEntries(folder.path, root, isTelling);
  const { folders, problems } = findVersionFolders(entries);
  const modelFiles = entries.filter((entry) => isModelFile(entry.name) && entry.kind !== 'folder');
  const versionFolders = folders.size === 0 && modelFiles.length > 0 ? new Map([[1, folder]]) : folders;
  const config = entries.find((entry) => entry.name === modelConfigName);
  return modelSighting({
    name,
    config,
    changedAtMs: folder.changedAtMs,
    versions: await readVersions(versionFolders, root),
    problems: [
      ...problems,
      ...(folders.size > 0
        ? modelFiles.map((file) => `${file.name} is left out; expected it in a version folder`)
        : []),
      ...(versionFolders.size === 0 && problems.length === 0
        ? ['the folder holds no model.onnx and no version folder such as 1 with one']
        : []),
    ],
  });
}

export interface ModelParts {
  readonly name: string;
  readonly config: FolderEntry | undefined;
  readonly changedAtMs: number;
  readonly versions: ModelSighting['versions'];
  readonly problems: readonly string[];
}

export function modelSighting({ name, config, changedAtMs, versions, problems }: ModelParts): ModelSighting {
  const configFile = config?.kind === 'file' ? { path: config.path, stamp: config.stamp } : undefined;
  const allProblems = config && config.kind !== 'file' ? [...problems, unusableConfig(config)] : problems;
  return {
    name,
    fingerprint: [configFile?.stamp ?? '', ...allProblems].join('\n'),
    changedAtMs: Math.max(changedAtMs, config?.changedAtMs ?? 0),
    content: { problems: allProblems, ...(configFile && { configFile }) },
    versions,
  };
}

const unusableConfig = ({ name, kind }: FolderEntry): string =>
  kind === 'outside' || kind === 'dangling' ? `${name} ${astray[kind]}` : `${name} is left out; expected a file`;

async function readVersions(
  folders: ReadonlyMap<number, FolderEntry>,
  root: string,
): Promise<ModelSighting['versions']> {
  const versions = new Map<number, Sighting<VersionContent> | Unreadable>();
  for (const [version, folder] of folders) {
    versions.set(version, await readVersionFolder(folder, root).catch(unreadable));
  }
  return versions;
}
