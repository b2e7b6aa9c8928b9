import { chmod, constants, copyFile, open } from 'node:fs/promises';

/** A change to a model file that leaves its weights where they are. */
export interface FilePatch {
  /** Offsets of the one-byte tags of graph fields that are to go. */
  readonly hiddenTags: readonly number[];
  /** Fields of the model, which protobuf merges with those before: another `graph` adds to the graph. */
  readonly appended: Uint8Array;
}

/**
 * Tag of a length-delimited field that neither a model nor a graph has, so that every reader passes over it.
 * Overwriting a tag with it takes a field away without moving a byte of the file.
 */
const unknownTag = Uint8Array.of((9 << 3) | 2);

/** Writes a patched copy; the kernel copies the bulk, without a byte passing through this process. */
export async function writePatchedCopy(source: string, target: string, patch: FilePatch): Promise<void> {
  await copyFile(source, target, constants.COPYFILE_FICLONE);
  // The copy took over the permissions of a source that may be read-only.
  await chmod(target, 0o600);
  const handle = await open(target, 'r+');
  try {
    for (const offset of patch.hiddenTags) await handle.write(unknownTag, 0, 1, offset);
    const { size } = await handle.stat();
    await handle.write(patch.appended, 0, patch.appended.length, size);
  } finally {
    await handle.close();
  }
}
