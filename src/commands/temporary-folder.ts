import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimFolder } from './leftover-folders.js';

/** A folder of this process's own, empty but for the mark of that. Rejects with a sentence that says what to change. */
export async function temporaryFolder(prefix: string): Promise<string> {
  const parent = tmpdir();
  try {
    const folder = await mkdtemp(join(parent, prefix));
    claimFolder(folder);
    return folder;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const user = process.getuid === undefined ? 'this user' : `user ${process.getuid()}`;
    throw new Error(
      `no temporary folder can be made in ${parent} (${code ?? message}); name one that exists and that ${user} may write to with TMPDIR`,
      { cause },
    );
  }
}
