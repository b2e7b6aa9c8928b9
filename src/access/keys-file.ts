import type { AccessKey } from '../core/access.js';
import { ApiKeys } from './api-keys.js';
import { WatchedFiles } from './watched-files.js';

export interface KeysFileOptions {
  readonly path: string;
  /** Throws where the text is no file of keys; says everything that is wrong. */
  readonly parse: (text: string) => readonly AccessKey[];
  /** Of the rates in the file, for this server. */
  readonly share: number;
  readonly onReloaded: (keys: number) => void;
  readonly onProblem: (error: unknown) => void;
}

/** The keys of a file, as it is now. One with errors leaves those before it in force. */
export class KeysFile {
  readonly keys: ApiKeys;
  readonly #file: WatchedFiles;

  constructor({ path, parse, share, onReloaded, onProblem }: KeysFileOptions) {
    this.keys = new ApiKeys(share);
    let isFirst = true;
    this.#file = new WatchedFiles({
      paths: [path],
      onTexts: ([text = '']) => {
        const keys = parse(text);
        this.keys.replace(keys);
        if (!isFirst) onReloaded(keys.length);
        isFirst = false;
      },
      onProblem,
    });
  }

  /** Rejects where the file cannot be used. */
  start(): Promise<void> {
    return this.#file.start();
  }

  stop(): void {
    this.#file.stop();
  }
}
