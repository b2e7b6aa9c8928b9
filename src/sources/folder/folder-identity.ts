import { type BigIntStats, statSync } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { realPath } from '../../onnx/real-path.js';

/**
 * Reads something below a directory, whose real path it is given. Rejects when the directory is missing, or another one
 * afterwards: a mount or a link that went away, or was changed, meanwhile.
 */
export async function sameThroughout<Found>(directory: string, read: (root: string) => Promise<Found>): Promise<Found> {
  const { root, mark } = await placeOf(directory);
  const found = await read(root);
  if ((await placeOf(directory)).mark === mark) return found;
  throw new Error('it went away, or became another, while it was scanned');
}

/** `mark`: another string once the directory is another. Inodes are left out: some file systems make them up anew. */
async function placeOf(directory: string): Promise<{ readonly root: string; readonly mark: string }> {
  const root = await realPath(directory);
  const link = await lstat(directory, { bigint: true });
  const { dev } = await stat(directory);
  return { root, mark: [root, dev, link.isSymbolicLink() ? link.ctimeNs : ''].join(' ') };
}

/** Tells the directory from another one in its place, as where something is mounted over it. */
export const identityOf = async (directory: string): Promise<string> =>
  identity(await stat(directory, { bigint: true }));

/** The same at once, undefined where there is none: only for local file systems, where nothing is slow. */
export function identityNow(directory: string): string | undefined {
  const stats = statSync(directory, { bigint: true, throwIfNoEntry: false });
  return stats && identity(stats);
}

const identity = ({ dev, ino }: BigIntStats): string => `${dev} ${ino}`;
