import { createHash } from 'node:crypto';
import { isModelFile } from '../../core/model.js';
import {
  astray,
  type FolderEntry,
  folderChangedAtMs,
  isInside,
  type LinkBounds,
  listEntries,
  realPathBelow,
  undefinedWhenMissing,
} from './folder-entries.js';
import { describeForeignModel } from './foreign-formats.js';
import { goldenFilesIn, isGolden, type SharedGolden } from './golden-files.js';
import type { Scanned, VersionContent } from './scanned.js';

/** A model's own settings: no part of its versions, which are the same after a change to it. */
export const modelConfigName = 'model.json';
/** The same of Triton's settings. */
export const tritonConfigName = 'config.pbtxt';

const deepestFolder = 8;
const mostFiles = 10_000;

export interface VersionPlace {
  readonly folder: FolderEntry;
  /** Its name in the model's folder; empty where it is that. */
  readonly name: string;
  /** Given where versions share golden requests. */
  readonly golden?: SharedGolden | undefined;
}

/** A version whose folder holds the model and everything that the model loads, in subfolders too. */
export async function readVersionFolder(place: VersionPlace, bounds: LinkBounds): Promise<Scanned<VersionContent>> {
  const { folder, name, golden } = place;
  const files: VersionFile[] = [];
  const changedAtMs = await collectFiles(folder.path, '', bounds, files);
  files.push(...(golden?.files ?? []));
  return scannedVersion(files, Math.max(folder.changedAtMs, changedAtMs, golden?.changedAtMs ?? 0), name);
}

export interface VersionFile {
  /** Relative to the version's folder. */
  readonly name: string;
  readonly entry: FolderEntry;
}

/** A version made of these files. `place`: its folder's name in the model's, where it has one of its own. */
export function scannedVersion(
  files: readonly VersionFile[],
  changedAtMs: number,
  place = '',
): Scanned<VersionContent> {
  const hash = createHash('sha256');
  for (const { name, entry } of files) hash.update(`${name}\0${entry.kind} ${entry.stamp}\n`);
  return { fingerprint: hash.digest('base64url'), changedAtMs, content: contentOf(files, place) };
}

function contentOf(files: readonly VersionFile[], place: string): VersionContent {
  if (files.length > mostFiles) return { problem: `holds more than ${mostFiles} files` };
  for (const { name, entry } of files) {
    // What golden file cannot be used is said when the version is loaded: the one that serves goes on.
    if ((entry.kind === 'outside' || entry.kind === 'dangling') && !isGolden(name))
      return { problem: `cannot be used: ${name} ${astray[entry.kind]}` };
  }
  const present = files.filter(({ entry }) => entry.kind === 'file');
  const modelFiles = new Map(
    present.filter(({ name }) => isModelFile(name)).map(({ name, entry }) => [name, entry.path]),
  );
  const foreign = foreignModel(present.map(({ name }) => name));
  const golden = goldenFilesIn(files, place);
  return { modelFiles, ...(foreign !== undefined && { foreign }), ...(golden.size > 0 && { golden }) };
}

/** The first of the files that is a model of another format, and what it is. */
export function foreignModel(names: readonly string[]): string | undefined {
  for (const name of names) {
    const description = describeForeignModel(name);
    if (description !== undefined) return `${name} is ${description}`;
  }
  return undefined;
}

/** Adds the folder's files, links and special files to `files`; returns the latest change to a file or folder. */
async function collectFiles(folder: string, prefix: string, bounds: LinkBounds, files: VersionFile[]): Promise<number> {
  const entries = await listEntries(folder, bounds);
  // Looked up after the listing: what was removed before it must not be taken for never having been there.
  let changedAtMs = await folderChangedAtMs(folder);
  for (const entry of entries) {
    const name = prefix + entry.name;
    if (name === modelConfigName || name === tritonConfigName) continue;
    changedAtMs = Math.max(changedAtMs, entry.changedAtMs);
    if (entry.kind !== 'folder') files.push({ name, entry });
    else if (!(await isLoop(entry.path, folder, bounds)) && name.split('/').length < deepestFolder) {
      changedAtMs = Math.max(changedAtMs, await collectFiles(entry.path, `${name}/`, bounds, files));
    }
    if (files.length > mostFiles) break;
  }
  return changedAtMs;
}

/** Whether a subfolder is a link back to a folder it lies in. */
async function isLoop(subfolder: string, folder: string, bounds: LinkBounds): Promise<boolean> {
  const target = await realPathBelow(bounds.root, subfolder).catch(undefinedWhenMissing);
  const own = await realPathBelow(bounds.root, folder).catch(undefinedWhenMissing);
  return target === undefined || own === undefined || isInside(own, target);
}

export const isVersionName = (name: string): boolean => /^\d+$/.test(name);

export interface VersionFolders {
  readonly folders: ReadonlyMap<number, FolderEntry>;
  readonly problems: readonly string[];
}

/** Which of the entries are version folders: `1`, `2`, also `0001`. */
export function findVersionFolders(entries: readonly FolderEntry[]): VersionFolders {
  const folders = new Map<number, FolderEntry>();
  const problems: string[] = [];
  // Without leading zeros first, so that `1` wins over `01`.
  const candidates = entries.filter(({ name }) => isVersionName(name)).sort((a, b) => a.name.length - b.name.length);
  for (const entry of candidates) {
    const version = Number(entry.name);
    const taken = folders.get(version);
    if (entry.kind === 'outside' || entry.kind === 'dangling') {
      problems.push(`version folder ${entry.name} ${astray[entry.kind]}`);
    } else if (entry.kind !== 'folder') continue;
    else if (version < 1 || !Number.isSafeInteger(version)) {
      problems.push(`version folder ${entry.name} is left out; expected a number from 1 to ${Number.MAX_SAFE_INTEGER}`);
    } else if (taken) problems.push(`version folder ${entry.name} is left out; ${taken.name} is the same version`);
    else folders.set(version, entry);
  }
  return { folders, problems };
}
