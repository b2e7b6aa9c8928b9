import { isModelFile } from '../../core/model.js';
import {
  astray,
  type FolderEntry,
  type LinkBounds,
  listEntries,
  readFolderEntry,
  undefinedWhenMissing,
} from './folder-entries.js';
import { describeForeignModel } from './foreign-formats.js';
import { goldenFolder, readSharedGolden } from './golden-files.js';
import {
  type Scanned,
  type ScannedModel,
  type SettingsFile,
  type Unreadable,
  unreadable,
  type VersionContent,
} from './scanned.js';
import {
  findVersionFolders,
  foreignModel,
  isVersionName,
  modelConfigName,
  readVersionFolder,
  tritonConfigName,
  type VersionPlace,
} from './version-folder.js';

/** More changes of the folder than this during one scan are left to the next one. */
const mostReadings = 5;

/**
 * A model's folder: version folders, or the one version's files themselves, and `model.json` where there is one. Never
 * a mixture of how it was and how it is: where one version took another's place meanwhile, neither might be seen.
 */
export async function readModelFolder(name: string, folder: FolderEntry, bounds: LinkBounds): Promise<ScannedModel> {
  let before = folder;
  for (let readings = 1; ; readings++) {
    const scanned = await readOnce(name, before, bounds);
    const after = await readFolderEntry(folder.path).catch(undefinedWhenMissing);
    if (after?.stamp === before.stamp) return scanned;
    if (after === undefined || readings === mostReadings) {
      return { ...scanned, changedAtMs: Number.POSITIVE_INFINITY };
    }
    before = { ...after, name: folder.name };
  }
}

async function readOnce(name: string, folder: FolderEntry, bounds: LinkBounds): Promise<ScannedModel> {
  const entries = await listEntries(folder.path, bounds, isTelling);
  const { folders, problems } = findVersionFolders(entries);
  const modelFiles = entries.filter(isModelPart);
  const places =
    folders.size === 0 && modelFiles.length > 0 ? wholeFolder(folder) : await versionPlaces(folders, entries, bounds);
  const foreign = foreignModel(entries.map((entry) => entry.name));
  const config = entries.find((entry) => entry.name === modelConfigName);
  const triton = entries.find((entry) => entry.name === tritonConfigName);
  return scannedModel({
    name,
    config,
    ...(triton && { triton, beside: await readBeside(folder.path, bounds) }),
    changedAtMs: folder.changedAtMs,
    versions: await readVersions(places, bounds),
    problems: [
      ...problems,
      ...(folders.size > 0
        ? modelFiles.map((file) => `${file.name} is left out; expected it in a version folder`)
        : []),
      ...(places.size === 0 && problems.length === 0
        ? [`${noModel}${foreign === undefined ? '' : `; ${foreign}`}`]
        : []),
    ],
  });
}

/** The one version's files lie in the model's folder itself. */
const wholeFolder = (folder: FolderEntry): ReadonlyMap<number, VersionPlace> => new Map([[1, { folder, name: '' }]]);

async function versionPlaces(
  folders: ReadonlyMap<number, FolderEntry>,
  entries: readonly FolderEntry[],
  bounds: LinkBounds,
): Promise<ReadonlyMap<number, VersionPlace>> {
  const golden = await readSharedGolden(
    entries.find(({ name }) => name === goldenFolder),
    bounds,
  );
  return new Map([...folders].map(([version, folder]) => [version, { folder, name: folder.name, golden }]));
}

const noModel = 'the folder holds no model.onnx and no version folder such as 1 with one';

/** Of a model that Hugging Face's tools exported. */
const onnxFolder = 'onnx';

const isTelling = (name: string): boolean =>
  name === modelConfigName ||
  name === tritonConfigName ||
  name === onnxFolder ||
  name === goldenFolder ||
  isVersionName(name) ||
  isModelFile(name) ||
  describeForeignModel(name) !== undefined;

/** A model file, or a folder where one is expected: `onnx` or, as Triton has it, one that is named like a model file. */
const isModelPart = ({ name, kind }: FolderEntry): boolean =>
  isModelFile(name) || (name === onnxFolder && kind !== 'file' && kind !== 'other');

export interface ModelParts {
  readonly name: string;
  readonly config: FolderEntry | undefined;
  readonly triton?: FolderEntry;
  /** The files beside `triton`. */
  readonly beside?: readonly FolderEntry[];
  readonly changedAtMs: number;
  readonly versions: ScannedModel['versions'];
  readonly problems: readonly string[];
}

export function scannedModel(parts: ModelParts): ScannedModel {
  const { name, config, triton, beside = [], changedAtMs, versions, problems } = parts;
  const present = [config, triton].filter((entry) => entry !== undefined);
  const unusable = present.filter(({ kind }) => kind !== 'file').map(unusableConfig);
  const configFile = settingsFile(config);
  const tritonFile = settingsFile(triton);
  const sideFiles = new Map(beside.map((entry) => [entry.name, { path: entry.path, stamp: entry.stamp }]));
  const allProblems = [...problems, ...unusable];
  const stamps = [configFile, tritonFile, ...sideFiles.values()].map((file) => file?.stamp ?? '');
  return {
    name,
    fingerprint: [...stamps, ...allProblems].join('\n'),
    changedAtMs: Math.max(changedAtMs, ...[...present, ...beside].map((entry) => entry.changedAtMs)),
    content: {
      problems: allProblems,
      ...(configFile && { configFile }),
      ...(tritonFile && { tritonFile, sideFiles }),
    },
    versions,
  };
}

const settingsFile = (entry: FolderEntry | undefined): SettingsFile | undefined =>
  entry?.kind === 'file' ? { path: entry.path, stamp: entry.stamp } : undefined;

/** Only those that `config.pbtxt` may name: at the top, and no settings themselves. */
async function readBeside(folder: string, bounds: LinkBounds): Promise<FolderEntry[]> {
  const entries = await listEntries(folder, bounds, (name) => !isTelling(name));
  return entries.filter(({ kind }) => kind === 'file').slice(0, mostBeside);
}

const mostBeside = 256;

const unusableConfig = ({ name, kind }: FolderEntry): string =>
  kind === 'outside' || kind === 'dangling' ? `${name} ${astray[kind]}` : `${name} is left out; expected a file`;

async function readVersions(
  places: ReadonlyMap<number, VersionPlace>,
  bounds: LinkBounds,
): Promise<ScannedModel['versions']> {
  const versions = new Map<number, Scanned<VersionContent> | Unreadable>();
  for (const [version, place] of places) {
    versions.set(version, await readVersionFolder(place, bounds).catch(unreadable));
  }
  return versions;
}
