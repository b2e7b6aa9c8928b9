import { dirname } from 'node:path';
import type { EngineFiles, OriginalFile } from '../core/engine-files.js';
import { invalidArgument } from '../core/serving-error.js';
import { type FileWindow, stateOfFile } from './file-window.js';
import type { KeptCopies, KeptCopy } from './kept-copies.js';
import type { RewrittenCopy } from './rewrite/rewritten-copy.js';

export interface ServedFilesOptions {
  /** The user's file as it was when it was read. */
  readonly original: Pick<FileWindow, 'path' | 'name' | 'size' | 'state'>;
  readonly hasExternalData: boolean;
  /** Absent where the engine takes the file as it is. */
  readonly rewritten?: RewrittenCopy;
  readonly keptCopies?: KeptCopies;
}

/** Where engines find a prepared model: in the user's own file, until there is a copy of it. */
export class ServedFiles {
  readonly #options: ServedFilesOptions;
  #kept: KeptCopy | undefined;
  #keeping: Promise<void> | undefined;
  #isDisposed = false;

  constructor(options: ServedFilesOptions) {
    this.#options = options;
  }

  get current(): EngineFiles {
    const { original, hasExternalData, rewritten } = this.#options;
    const source = this.#kept?.path ?? original.path;
    if (rewritten === undefined) {
      return { modelPath: source, ...(this.#kept === undefined && { original: this.#own(false) }) };
    }
    return {
      modelPath: rewritten.path,
      ...((hasExternalData || rewritten.isDependent) && { externalDataDirectory: dirname(source) }),
      // Nobody writes to a kept copy, so that weights may stay mapped from there.
      ...(rewritten.isDependent && this.#kept === undefined && { original: this.#own(true) }),
    };
  }

  /**
   * Copies the file, where there is room and the engine needs no other one beside it. Rejects with a ServingError where
   * the file has become another.
   */
  keep(): Promise<void> {
    const { hasExternalData, rewritten } = this.#options;
    if (hasExternalData || rewritten?.isDependent === false || this.#isDisposed) return Promise.resolve();
    this.#keeping ??= this.#keep();
    return this.#keeping;
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    await this.#keeping?.catch(() => {});
    await this.#kept?.dispose();
    await this.#options.rewritten?.dispose();
  }

  async #keep(): Promise<void> {
    const { original, keptCopies } = this.#options;
    this.#kept = await keptCopies?.keep(original);
    if (this.#kept !== undefined || (await stateOfFile(original.path)) === original.state) return;
    throw invalidArgument(`${original.name} was replaced, written to or removed while it was loaded`);
  }

  #own(lendsWeights: boolean): OriginalFile {
    const { path, state } = this.#options.original;
    return { path, state, lendsWeights };
  }
}
