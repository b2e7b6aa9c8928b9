import type { BigIntStats } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { leadsThroughProcess, realPath } from '../../onnx/real-path.js';

/** One name in a folder, links followed. */
export interface FolderEntry {
  readonly name: string;
  readonly path: string;
  /** `outside`: a link that leaves the folder; `dangling`: one that leads nowhere; `other`: pipes, sockets, devices. */
  readonly kind: 'file' | 'folder' | 'outside' | 'dangling' | 'other';
  /** Differs whenever the content may. */
  readonly stamp: string;
  readonly changedAtMs: number;
}

/** What is wrong with a link that cannot be followed, after its name. */
export const astray = {
  outside: 'is a link that leads outside of the models folder (see --allow-links-to)',
  dangling: 'is a link that leads nowhere',
} as const;

/**
 * The entries of a folder that are not ignored and that `isWanted` takes, sorted by name.
 * No link is followed out of `bounds`. A folder that has just vanished is empty.
 */
export async function listEntries(
  folder: string,
  bounds: LinkBounds,
  isWanted: (name: string) => boolean = () => true,
): Promise<FolderEntry[]> {
  const all = (await readdir(folder).catch(undefinedWhenMissing)) ?? [];
  const names = all.filter((name) => !isIgnoredName(name) && isWanted(name));
  const entries = await Promise.all(names.sort().map((name) => readEntry(folder, name, bounds)));
  return entries.filter((entry) => entry !== undefined);
}

/** The folder itself as an entry. Rejects when there is none. */
export async function readFolderEntry(path: string): Promise<FolderEntry> {
  return toEntry(basename(path), path, await stat(path, { bigint: true }));
}

/** When an entry was last added to the folder, renamed in it or removed from it; Infinity when it is no longer there. */
export async function folderChangedAtMs(path: string): Promise<number> {
  const stats = await stat(path).catch(undefinedWhenMissing);
  return stats?.mtimeMs ?? Number.POSITIVE_INFINITY;
}

/** Undefined when it vanished since the folder was listed. */
async function readEntry(folder: string, name: string, bounds: LinkBounds): Promise<FolderEntry | undefined> {
  const path = join(folder, name);
  const link = await lstat(path, { bigint: true }).catch(undefinedWhenMissing);
  if (!link?.isSymbolicLink()) return link && toEntry(name, path, link);
  const target = await realPathBelow(bounds.root, path).catch(undefinedWhenMissing);
  const unfollowed = { name, path, stamp: '', changedAtMs: Number(link.mtimeMs) };
  if (target === undefined) return { ...unfollowed, kind: 'dangling' };
  if (![bounds.root, ...bounds.others].some((root) => isInside(target, root)))
    return { ...unfollowed, kind: 'outside' };
  const stats = await stat(path, { bigint: true }).catch(undefinedWhenMissing);
  return stats && toEntry(name, path, stats);
}

/**
 * The stamp holds ctime, not the inode. Renaming a file into place, or restoring its mtime after a copy, cannot set
 * ctime back, so a replacement of the same size and mtime is noticed; inodes, on the other hand, are made up anew
 * now and then by FUSE mounts of object stores, and would make unchanged models load again and again.
 */
const toEntry = (name: string, path: string, stats: BigIntStats): FolderEntry => ({
  name,
  path,
  kind: stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other',
  stamp: `${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`,
  changedAtMs: Number(stats.mtimeMs),
});

/** The real path of what lies below `root`, itself a real path. */
export const realPathBelow = (root: string, path: string): Promise<string> =>
  leadsThroughProcess(root) ? realPath(path) : realpath(path);

export const isInside = (path: string, root: string): boolean =>
  path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);

/** For `catch`: what is not there is no failure, it may have been removed just now. */
export function undefinedWhenMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ELOOP' && error.code !== 'ENOTDIR') throw error;
}

/** Folders that file systems and tools put beside the user's own. */
const foreignFolders: ReadonlySet<string> = new Set(['lost+found', '__pycache__', '@eaDir', '__MACOSX']);

/**
 * Whether an entry is no part of any model: hidden ones (`.git`, the `..data` of a mounted ConfigMap, rsync's
 * unfinished copies), unfinished downloads, editors' copies, model cards.
 */
export const isIgnoredName = (name: string): boolean =>
  name.startsWith('.') || foreignFolders.has(name) || /(~|\.(tmp|temp|part|partial|swp|md))$/i.test(name);

/** Within which folders links may lead; all of them real paths. */
export interface LinkBounds {
  readonly root: string;
  /** Folders outside of the folder, as the operator allows them. */
  readonly others: readonly string[];
}
