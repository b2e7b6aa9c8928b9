import { readFileSync } from 'node:fs';
import type { OriginalFile } from '../../core/engine-files.js';
import type { LoadOrder } from '../frames/engine-frames.js';
import { OriginalFiles } from './original-files.js';
import type { Session } from './session.js';

/** Lines of the kernel's list: address, permissions, offset, device, inode (0 for plain memory), path. */
const mapping = /^\S+ \S+ \S+ \S+ ([1-9]\d*) +(.+)$/gm;
/** Libraries may be loaded at any time. */
const isLibrary = (path: string): boolean => /\.(?:so(?:\.[\d.]+)?|node)$/.test(path);

/** The bytes of a file whose weights the engine is to copy. */
export interface SharedExternalData {
  readonly path: string;
  readonly data: Uint8Array;
}

type Open = (weights?: SharedExternalData) => Session | Promise<Session>;

/**
 * Opens a session that holds what the user's files were when the model was prepared. Weights that stayed mapped would
 * change under it as soon as their file is written over, and end the process when it is truncated: shared ones are
 * copied instead, and where external data stays mapped the session watches its files. Throws FilesChanged where one
 * of the files has become another, FilesAway where one cannot be reached.
 */
export async function openUnchanged({ originals = [] }: LoadOrder, open: Open): Promise<Session> {
  if (originals.length === 0) return open();
  const files = new OriginalFiles(originals);
  let isWatched = false;
  try {
    const session = await openFrom(originals, files, open);
    isWatched = session.requireUnchanged !== undefined;
    return session;
  } finally {
    if (!isWatched) files.close();
  }
}

async function openFrom(originals: readonly OriginalFile[], files: OriginalFiles, open: Open): Promise<Session> {
  const mayStayMapped = originals.some(({ use }) => use !== 'model');
  const mappedBefore = mayStayMapped ? mappedFiles() : undefined;
  const staysMapped = (): boolean => mayStayMapped && isMore(mappedFiles(), mappedBefore);
  const shared = originals.find(({ use }) => use === 'shared');
  let session: Session | undefined;
  try {
    session = await open();
    if (shared !== undefined && staysMapped()) {
      session.release();
      session = undefined;
      session = await open({ path: shared.path, data: readFileSync(shared.path) });
    }
    files.requireSame();
    return shared === undefined && staysMapped() ? watched(session, files) : session;
  } catch (error) {
    session?.release();
    // What the engine says of half a file is of no use.
    files.requireSame();
    throw error;
  }
}

function watched(session: Session, files: OriginalFiles): Session {
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    run: (feeds, fetches) => session.run(feeds, fetches),
    requireUnchanged: () => files.requireUnwritten(),
    release: () => {
      session.release();
      files.close();
    },
  };
}

type MappedFiles = ReadonlyMap<string, number>;

/**
 * Data files mapped into this process, with the number of mappings; undefined where the system does not tell. A path
 * alone does not tell a replaced file from the new one.
 */
function mappedFiles(): MappedFiles | undefined {
  if (process.platform !== 'linux') return undefined;
  const counts = new Map<string, number>();
  for (const [, inode = '', path = ''] of readFileSync('/proc/self/maps', 'utf8').matchAll(mapping)) {
    if (isLibrary(path)) continue;
    const file = `${inode} ${path}`;
    counts.set(file, (counts.get(file) ?? 0) + 1);
  }
  return counts;
}

/** Whether something was mapped since, as it must be taken to be where the system does not tell. */
const isMore = (now: MappedFiles | undefined, before: MappedFiles | undefined): boolean =>
  now === undefined || before === undefined || [...now].some(([file, count]) => count > (before.get(file) ?? 0));
