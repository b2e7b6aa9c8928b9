import { dirname, posix } from 'node:path';
import type { GoldenFile } from '../../core/model-source.js';
import { astray, type FolderEntry, type LinkBounds, listEntries } from './folder-entries.js';
import type { VersionFile } from './version-folder.js';

/** Of a version; beside version folders, of all of them. */
export const goldenFolder = 'golden';

const goldenRequest = /^(?:\.\.\/)?golden\/[^/]+\.json$/i;
/** A tensor of the test data that ONNX's own archives have beside the model file. */
const testTensor = /^(?:.+\/)?test_data_set_\d+\/(?:input|output)_\d+\.pb$/;
const testFolder = /^(?:.+\/)?test_data_set_\d+$/;

/** Whether a folder, by its name relative to the version's, holds what tests the model and is no part of it. */
export const isGoldenFolder = (name: string): boolean => /^(?:\.\.\/)?golden$/.test(name) || testFolder.test(name);

/** The same of anything. */
export const isGolden = (name: string): boolean =>
  goldenRequest.test(name) || testTensor.test(name) || isGoldenFolder(name);

/** What lies beside version folders for all of them: named as each of them sees it. */
export interface SharedGolden {
  readonly files: readonly VersionFile[];
  readonly changedAtMs: number;
}

export async function readSharedGolden(
  folder: FolderEntry | undefined,
  bounds: LinkBounds,
): Promise<SharedGolden | undefined> {
  if (folder === undefined || folder.kind === 'file' || folder.kind === 'other') return undefined;
  const name = `../${goldenFolder}`;
  if (folder.kind !== 'folder') return { files: [{ name, entry: folder }], changedAtMs: folder.changedAtMs };
  const entries = await listEntries(folder.path, bounds);
  const files = entries.map((entry) => ({ name: `${name}/${entry.name}`, entry }));
  return {
    files: files.filter((file) => isGolden(file.name)),
    changedAtMs: Math.max(folder.changedAtMs, ...entries.map((entry) => entry.changedAtMs)),
  };
}

/** By their names relative to the version's folder. `place`: that folder in the model's, empty where it is that. */
export function goldenFilesIn(files: readonly VersionFile[], place: string): ReadonlyMap<string, GoldenFile> {
  const golden = new Map<string, GoldenFile>();
  for (const { name, entry } of files) {
    const { kind, path } = entry;
    const file = { name: posix.join(place, name), path };
    if (!isGolden(name)) continue;
    if (kind === 'outside' || kind === 'dangling') golden.set(name, { ...file, problem: astray[kind] });
    else if (kind === 'other') golden.set(name, { ...file, problem: 'is no file' });
    else if (!isGoldenFolder(name)) golden.set(name, file);
  }
  return golden;
}

/** Those that test this model file: of several each has its test data beside it. */
export function goldenFilesOf(golden: ReadonlyMap<string, GoldenFile>, modelFile: string): readonly GoldenFile[] {
  const besideModel = (name: string): boolean => {
    const folder = testFolder.test(name) ? name : dirname(name);
    return !testFolder.test(folder) || dirname(folder) === dirname(modelFile);
  };
  return [...golden].filter(([name]) => besideModel(name)).map(([, file]) => file);
}
