import { realpath, stat } from 'node:fs/promises';
import { parse } from 'node:path';
import { isModelName } from '../core/model-name.js';
import { astray, type FolderEntry, listEntries, readFolderEntry } from './folder-entries.js';
import { inLanes } from './in-lanes.js';
import { isModelFile } from './model-file-choice.js';
import { modelSighting, readModelFolder } from './read-model-folder.js';
import { type ModelSighting, type UnreadableModel, unreadable } from './sighting.js';
import { versionSighting } from './version-files.js';

export interface RepositorySighting {
  readonly models: readonly (ModelSighting | UnreadableModel)[];
  /** What concerns no model that could be listed. */
  readonly problems: readonly string[];
}

/** One at a time costs up to twice the processor time, in waking up; all at once would crowd the thread pool. */
const modelsAtOnce = 16;

/** Looks at everything once; opens no file. Rejects when the directory itself cannot be read. */
export async function readRepository(directory: string): Promise<RepositorySighting> {
  const root = await realpath(directory);
  const entries = await listEntries(directory, root);
  const { candidates, problems } = findCandidates(entries);
  const { changedAtMs } = await readFolderEntry(directory);
  const models = await inLanes([...candidates], modelsAtOnce, async ([name, entry]) => {
    if (entry.kind === 'outside') return outsideModel(name, entry);
    if (entry.kind === 'file') return bareModel(name, entry, entries, changedAtMs);
    return readModelFolder(name, entry, root).catch((error: Error) => ({ name, ...unreadable(error) }));
  });
  return { models: models.filter((model) => model !== undefined), problems };
}

/** The directory as one model's folder. Rejects when it cannot be read. */
export async function readSingleModel(directory: string, name: string): Promise<RepositorySighting> {
  const root = await realpath(directory);
  return { models: [await readModelFolder(name, await readFolderEntry(directory), root)], problems: [] };
}

/** Model names with the folder, file or link that each stands for. */
function findCandidates(entries: readonly FolderEntry[]) {
  const candidates = new Map<string, FolderEntry>();
  const problems: string[] = [];
  // Folders before files, `.onnx` before `.ort`: the first one has the name.
  const rank = (entry: FolderEntry) => (isModelFile(entry.name) && entry.kind !== 'folder' ? 1 : 0);
  for (const entry of [...entries].sort((a, b) => rank(a) - rank(b))) {
    if (entry.kind === 'dangling') problems.push(`${entry.name} ${astray.dangling}`);
    const isBare = rank(entry) === 1;
    if (entry.kind === 'other' || entry.kind === 'dangling' || (entry.kind === 'file' && !isBare)) continue;
    const name = isBare ? parse(entry.name).name : entry.name;
    const taken = candidates.get(name);
    if (!isModelName(name)) problems.push(`${JSON.stringify(entry.name)} is left out; ${nameRule}`);
    else if (taken) problems.push(`${entry.name} is left out; ${taken.name} is the same model`);
    else candidates.set(name, entry);
  }
  return { candidates, problems };
}

const nameRule =
  'expected a model name of up to 128 letters, digits, ".", "_" and "-" that begins with a letter or digit';

/** `name.onnx`, its settings in `name.json`, and beside it the files that begin like it, such as `name.onnx.data`. */
function bareModel(
  name: string,
  file: FolderEntry,
  entries: readonly FolderEntry[],
  changedAtMs: number,
): ModelSighting {
  const config = entries.find((entry) => entry.name === `${name}.json`);
  const companions = entries.filter(
    (entry) =>
      entry !== config && entry.kind !== 'folder' && entry.name.startsWith(`${name}.`) && !isModelFile(entry.name),
  );
  const files = [file, ...companions].map((entry) => ({ name: entry.name, entry }));
  const version = versionSighting(files, Math.max(changedAtMs, ...files.map(({ entry }) => entry.changedAtMs)));
  return modelSighting({ name, config, changedAtMs, versions: new Map([[1, version]]), problems: [] });
}

/** Only asks what the link leads to: other files than models may lie anywhere. */
async function outsideModel(name: string, link: FolderEntry): Promise<ModelSighting | undefined> {
  const isFolder = await stat(link.path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (!isFolder && !isModelFile(link.name)) return undefined;
  const problems = [`${link.name} ${astray.outside}`];
  return modelSighting({ name, config: undefined, changedAtMs: link.changedAtMs, versions: new Map(), problems });
}
