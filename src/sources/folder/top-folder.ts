import { readdir, stat } from 'node:fs/promises';
import { extname, parse } from 'node:path';
import { isModelFile, isModelName } from '../../core/model.js';
import { astray, type FolderEntry, type LinkBounds, listEntries, readFolderEntry } from './folder-entries.js';
import { describeStray } from './foreign-formats.js';
import { scannedModel } from './model-folder.js';
import type { ScannedModel, UnreadableModel } from './scanned.js';
import { scannedVersion } from './version-folder.js';

export interface FolderScan {
  readonly models: readonly (ScannedModel | UnreadableModel)[];
  /** Tells the folder from another one in its place, as where something is mounted over it. */
  readonly identity: string;
  /** Whether it holds nothing that could be served. */
  readonly isEmpty: boolean;
  /** What concerns no model that could be listed. */
  readonly problems: readonly string[];
  /** Files that are no models, and what they are. */
  readonly notes: readonly string[];
}

/** What lies in the folder's folder itself. */
export interface TopLevel {
  /** Name → folder of each model that has one. */
  readonly folders: ReadonlyMap<string, string>;
  /** The other models. */
  readonly models: readonly ScannedModel[];
  readonly isEmpty: boolean;
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

/** The one file of a folder that is a model, and the model's name. */
export interface SoleFile {
  readonly file: string;
  readonly name: string;
}

/**
 * Scans each entry of the folder, and into none; opens no file. Rejects when the directory itself cannot be read. `sole`: of
 * the models there is only this one, and of the other files those that belong to it.
 */
export async function readTop(directory: string, bounds: LinkBounds, sole?: SoleFile): Promise<TopLevel> {
  const entries = await listTop(directory, bounds);
  const { candidates, problems } = sole === undefined ? findCandidates(entries) : findSole(entries, sole);
  const { changedAtMs } = await readFolderEntry(directory);
  const folders = [...candidates].filter(([, { kind }]) => kind === 'folder');
  const others = [...candidates].filter(([, { kind }]) => kind !== 'folder');
  const models = await Promise.all(
    others.map(([name, entry]) => {
      if (entry.kind === 'outside') return outsideModel(name, entry);
      if (entry.kind === 'dangling') return strayModel(name, entry, astray.dangling);
      return bareModel(name, entry, entries, changedAtMs);
    }),
  );
  return {
    folders: new Map(folders.map(([name, { path }]) => [name, path])),
    models: models.filter((model) => model !== undefined),
    isEmpty: candidates.size === 0,
    problems,
    notes: sole === undefined ? describeStrays(entries) : [],
  };
}

/** A repository that vanishes between two steps has not lost its models. */
async function listTop(directory: string, bounds: LinkBounds): Promise<FolderEntry[]> {
  const entries = await listEntries(directory, bounds);
  if (entries.length === 0) await readdir(directory);
  return entries;
}

/** Files that belong to no model although people put them there to be served. */
function describeStrays(entries: readonly FolderEntry[]): string[] {
  const files = entries.filter(({ kind }) => kind === 'file');
  const models = new Set(files.filter(({ name }) => isModelFile(name)).map(({ name }) => `${parse(name).name}.`));
  const isCompanion = (name: string): boolean =>
    [...name.matchAll(/\./g)].some(({ index }) => models.has(name.slice(0, index + 1)));
  return files.flatMap(({ name }) => {
    const description = isModelFile(name) || isCompanion(name) ? undefined : describeStray(name);
    return description === undefined ? [] : `${name} is left out; it is ${description}`;
  });
}

/** Model names with the folder, file or link that each stands for. */
function findCandidates(entries: readonly FolderEntry[]) {
  const candidates = new Map<string, FolderEntry>();
  const problems: string[] = [];
  // Folders before files, `.onnx` before `.ort`: the first one has the name.
  const rank = (entry: FolderEntry) => (isModelFile(entry.name) && entry.kind !== 'folder' ? 1 : 0);
  for (const entry of [...entries].sort((a, b) => rank(a) - rank(b))) {
    if (entry.kind === 'dangling' && !mayBeModel(entry.name)) problems.push(`${entry.name} ${astray.dangling}`);
    const isBare = rank(entry) === 1;
    if (entry.kind === 'other' || (entry.kind === 'file' && !isBare)) continue;
    if (entry.kind === 'dangling' && !mayBeModel(entry.name)) continue;
    const name = isBare ? parse(entry.name).name : entry.name;
    const taken = candidates.get(name);
    if (!isModelName(name)) problems.push(`${JSON.stringify(entry.name)} is left out; ${nameRule}`);
    else if (taken) problems.push(`${entry.name} is left out; ${taken.name} is the same model`);
    else candidates.set(name, entry);
  }
  return { candidates, problems };
}

function findSole(entries: readonly FolderEntry[], { file, name }: SoleFile) {
  const entry = entries.find((one) => one.name === file);
  return { candidates: new Map(entry === undefined ? [] : [[name, entry]]), problems: [] };
}

/** Of a link that cannot be followed: whether it is called as a model's file or folder is. */
const mayBeModel = (name: string): boolean => isModelFile(name) || extname(name) === '';

const nameRule =
  'expected a model name of up to 128 letters, digits, ".", "_" and "-" that begins with a letter or digit';

/** `stem.onnx`, its settings in `stem.json`, and beside it the files that begin like it, such as `stem.onnx.data`. */
function bareModel(
  name: string,
  file: FolderEntry,
  entries: readonly FolderEntry[],
  changedAtMs: number,
): ScannedModel {
  const stem = parse(file.name).name;
  const config = entries.find((entry) => entry.name === `${stem}.json`);
  const companions = entries.filter(
    (entry) =>
      entry !== config && entry.kind !== 'folder' && entry.name.startsWith(`${stem}.`) && !isModelFile(entry.name),
  );
  const files = [file, ...companions].map((entry) => ({ name: entry.name, entry }));
  const version = scannedVersion(files, Math.max(changedAtMs, ...files.map(({ entry }) => entry.changedAtMs)));
  return scannedModel({ name, config, changedAtMs, versions: new Map([[1, version]]), problems: [] });
}

/** Only asks what the link leads to: other files than models may lie anywhere. */
async function outsideModel(name: string, link: FolderEntry): Promise<ScannedModel | undefined> {
  const isFolder = await stat(link.path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (!isFolder && !isModelFile(link.name)) return undefined;
  return strayModel(name, link, astray.outside);
}

/** A model of which only a link is there that is not followed. */
function strayModel(name: string, link: FolderEntry, fault: string): ScannedModel {
  const problems = [`${link.name} ${fault}`];
  return scannedModel({ name, config: undefined, changedAtMs: link.changedAtMs, versions: new Map(), problems });
}
