import { readFileSync, statSync } from 'node:fs';
import { fileState, type OriginalFile } from '../../core/engine-files.js';
import type { LoadOrder } from '../frames/load-order.js';

export interface SessionOpener<Opened> {
  /** `weights`: the bytes of the original, where the file itself must not be used. */
  readonly open: (order: LoadOrder, weights?: Uint8Array) => Opened | Promise<Opened>;
  readonly release: (opened: Opened) => void;
}

/**
 * Opens a session that holds what the user's file was when the model was prepared, and that does not need the file
 * any more: weights that stayed mapped would change under a serving model as soon as the file is written over, and
 * end the process when it is truncated. Throws where the file has become another.
 */
export async function openUnchanged<Opened>(
  order: LoadOrder,
  { open, release }: SessionOpener<Opened>,
): Promise<Opened> {
  const { original } = order;
  if (original === undefined) return open(order);
  requireUnchanged(original);
  const mappedBefore = original.lendsWeights ? mappedFiles() : undefined;
  let opened = await open(order);
  if (mappedBefore !== undefined && hasOther(mappedFiles(), mappedBefore)) {
    release(opened);
    opened = await open(order, readFileSync(original.path));
  }
  try {
    requireUnchanged(original);
    return opened;
  } catch (error) {
    release(opened);
    throw error;
  }
}

function requireUnchanged({ path, state }: OriginalFile): void {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (stats === undefined) throw new Error('its file was removed after it was read');
  if (fileState(stats) !== state) throw new Error('its file was replaced or written to after it was read');
}

/** Lines of the kernel's list: address, permissions, offset, device, inode (0 for plain memory), path. */
const mapping = /^\S+ \S+ \S+ \S+ ([1-9]\d*) +(.+)$/gm;
/** Libraries may be loaded at any time. */
const isLibrary = (path: string): boolean => /\.(?:so(?:\.[\d.]+)?|node)$/.test(path);

/** Data files mapped into this process, with the number of mappings. A path alone does not tell a replaced file from the new one. */
function mappedFiles(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [, inode = '', path = ''] of readFileSync('/proc/self/maps', 'utf8').matchAll(mapping)) {
    if (isLibrary(path)) continue;
    const file = `${inode} ${path}`;
    counts.set(file, (counts.get(file) ?? 0) + 1);
  }
  return counts;
}

const hasOther = (now: ReadonlyMap<string, number>, before: ReadonlyMap<string, number>): boolean =>
  [...now].some(([file, count]) => count > (before.get(file) ?? 0));
