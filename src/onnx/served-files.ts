import { dirname, join } from 'node:path';
import type { EngineFiles, OriginalFile, OriginalUse } from '../core/engine-files.js';
import { ServingError } from '../core/serving-error.js';
import { stateOfFile } from './file-window.js';
import type { PinnedCopies, PinnedCopy, SourceFile } from './pinned-copies.js';
import type { RewrittenCopy } from './rewrite/rewritten-copy.js';

export interface ServedFilesOptions {
  /** The user's file as it was when it was read. */
  readonly original: SourceFile;
  /** The files of its external data, likewise. */
  readonly external: readonly SourceFile[];
  /** Absent where the engine takes the file as it is. */
  readonly rewritten?: RewrittenCopy;
  readonly pinnedCopies?: PinnedCopies;
}

/** Where engines find a prepared model: in the user's own files, until there are copies of them. */
export class ServedFiles {
  readonly #options: ServedFilesOptions;
  #pinned: PinnedCopy | undefined;
  #pinning: Promise<void> | undefined;
  #isDisposed = false;

  constructor(options: ServedFilesOptions) {
    this.#options = options;
  }

  get current(): EngineFiles {
    const { original, external, rewritten } = this.#options;
    const folder = this.#pinned?.folder ?? dirname(original.path);
    const needsFolder = rewritten?.isDependent === true || external.length > 0;
    // Nobody writes to pinned copies, so that weights may stay mapped from there.
    const originals = this.#pinned === undefined ? this.#originals() : [];
    const model = rewritten ?? original;
    return {
      modelPath: this.#pinned === undefined ? model.path : join(folder, model.name),
      ...(rewritten !== undefined && needsFolder && { externalDataDirectory: folder }),
      ...(originals.length > 0 && { originals }),
    };
  }

  /** Copies the files, where there is room. Rejects with a ServingError where one of them has become another. */
  pin(): Promise<void> {
    if (this.#isDisposed) return Promise.resolve();
    this.#pinning ??= this.#pin();
    return this.#pinning;
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    await this.#pinning?.catch(() => {});
    await this.#pinned?.dispose();
    await this.#options.rewritten?.dispose();
  }

  async #pin(): Promise<void> {
    const { pinnedCopies, rewritten } = this.#options;
    const files = this.#needed.map(({ file }) => file);
    // The rewritten one, too: others may share the folder that it lies in.
    this.#pinned = await pinnedCopies?.pin(rewritten === undefined ? files : [rewritten, ...files]);
    if (this.#pinned !== undefined) return;
    for (const { path, name, state } of files) {
      if ((await stateOfFile(path)) === state) continue;
      const message = `${name} was replaced, written to or removed while it was loaded`;
      throw new ServingError('UNAVAILABLE', message, { retryAfterSeconds: 1 });
    }
  }

  /** Those of the user's files that engines go on needing. */
  get #needed(): readonly { readonly file: SourceFile; readonly use: OriginalUse }[] {
    const { original, external, rewritten } = this.#options;
    const beside = external.map((file) => ({ file, use: 'external' as const }));
    if (rewritten?.isDependent === false) return beside;
    return [{ file: original, use: rewritten === undefined ? 'model' : 'shared' }, ...beside];
  }

  #originals(): readonly OriginalFile[] {
    return this.#needed.map(({ file: { path, state }, use }) => ({ path, state, use }));
  }
}
