import { astray, type FolderEntry } from './folder-entries.js';

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
