import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import {
  astray,
  type FolderEntry,
  folderChangedAtMs,
  isInside,
  listEntries,
  undefinedWhenMissing,
} from './folder-entries.js';
import { chooseModelFile } from './model-file-choice.js';
import type { Sighting, VersionContent } from './sighting.js';

/** A model's own settings: no part of its versions, which are the same after a change to it. */
export const modelConfigName = 'model.json';

const deepestFolder = 8;
const mostFiles = 10_000;

/** A version whose folder holds the model and everything that the model loads, in subfolders too. */
export async function readVersionFolder(folder: FolderEntry, root: string): Promise<Sighting<VersionContent>> {
  const files: VersionFile[] = [];
  const changedAtMs = await collectFiles(folder.path, '', root, files);
  return versionSighting(files, Math.max(folder.changedAtMs, changedAtMs));
}

export interface VersionFile {
  /** Relative to the version's folder. */
  readonly name: string;
  readonly entry: FolderEntry;
}

/** A version made of these files; the ones at the top are the candidates for the model. */
export function versionSighting(files: readonly VersionFile[], changedAtMs: number): Sighting<VersionContent> {
  const hash = createHash('sha256');
  for (const { name, entry } of files) hash.update(`${name}\0${entry.kind} ${entry.stamp}\n`);
  return { fingerprint: hash.digest('base64url'), changedAtMs, content: contentOf(files) };
}

function contentOf(files: readonly VersionFile[]): VersionContent {
  if (files.length > mostFiles) return { problem: `holds more than ${mostFiles} files` };
  for (const { name, entry } of files) {
    if (entry.kind === 'outside' || entry.kind === 'dangling')
      return { problem: `cannot be used: ${name} ${astray[entry.kind]}` };
  }
  const top = new Map(files.filter(({ entry }) => entry.kind === 'file').map(({ name, entry }) => [name, entry.path]));
  const choice = chooseModelFile([...top.keys()].filter((name) => !name.includes('/')));
  return 'file' in choice ? { modelPath: top.get(choice.file)! } : choice;
}

/** Adds the folder's files, links and special files to `files`; returns the latest change to a file or folder. */
async function collectFiles(folder: string, prefix: string, root: string, files: VersionFile[]): Promise<number> {
  const entries = await listEntries(folder, root);
  // Looked up after the listing: what was removed before it must not be taken for never having been there.
  let changedAtMs = await folderChangedAtMs(folder);
  for (const entry of entries) {
    const name = prefix + entry.name;
    if (name === modelConfigName) continue;
    changedAtMs = Math.max(changedAtMs, entry.changedAtMs);
    if (entry.kind !== 'folder') files.push({ name, entry });
    else if (!(await isLoop(entry.path, folder)) && name.split('/').length < deepestFolder) {
      changedAtMs = Math.max(changedAtMs, await collectFiles(entry.path, `${name}/`, root, files));
    }
    if (files.length > mostFiles) break;
  }
  return changedAtMs;
}

/** Whether a subfolder is a link back to a folder it lies in. */
async function isLoop(subfolder: string, folder: string): Promise<boolean> {
  const target = await realpath(subfolder).catch(undefinedWhenMissing);
  const own = await realpath(folder).catch(undefinedWhenMissing);
  return target === undefined || own === undefined || isInside(own, target);
}
