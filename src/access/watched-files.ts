import { readFile, stat } from 'node:fs/promises';

export interface WatchedFilesOptions {
  readonly paths: readonly string[];
  /** Of what the files say now, in the order of their paths, and of what comes in its place. Throws where that cannot be used. */
  readonly onTexts: (texts: readonly string[]) => void;
  /** What was read before stays in force. */
  readonly onProblem: (error: unknown) => void;
  readonly intervalMs?: number;
}

/**
 * Files that belong together, looked at every second and read when one of them may be another. Not `fs.watch`, which sees
 * neither network file systems nor the links that Kubernetes swaps.
 */
export class WatchedFiles {
  readonly #options: WatchedFilesOptions;
  readonly #intervalMs: number;
  /** Of the files that are in force, or that were told to be unusable. */
  #settledMark = '';
  /** Of files that could not be used the last time: they may have been written just then. */
  #failedMark = '';
  #texts: readonly string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: WatchedFilesOptions) {
    this.#options = options;
    this.#intervalMs = options.intervalMs ?? 1000;
  }

  /** Rejects, and watches nothing, where the files cannot be used. */
  async start(): Promise<void> {
    const mark = await this.#mark();
    await this.#read();
    this.#settledMark = mark;
    this.#wait();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #wait(): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => void this.#look().then(() => this.#wait()), this.#intervalMs).unref();
  }

  /** What is wrong twice in a row is told, once. */
  async #look(): Promise<void> {
    const mark = await this.#mark();
    if (this.#isStopped || mark === this.#settledMark) return;
    try {
      await this.#read();
      this.#settledMark = mark;
    } catch (error) {
      if (mark !== this.#failedMark) {
        this.#failedMark = mark;
        return;
      }
      this.#settledMark = mark;
      this.#options.onProblem(error);
    }
  }

  async #mark(): Promise<string> {
    const marks = this.#options.paths.map((path) =>
      stat(path).then(
        ({ ino, size, mtimeMs, ctimeMs }) => `${ino} ${size} ${mtimeMs} ${ctimeMs}`,
        (error: NodeJS.ErrnoException) => String(error.code),
      ),
    );
    return (await Promise.all(marks)).join();
  }

  async #read(): Promise<void> {
    const texts = await Promise.all(this.#options.paths.map((path) => readFile(path, 'utf8')));
    if (texts.every((text, index) => text === this.#texts[index])) return;
    this.#options.onTexts(texts);
    this.#texts = texts;
  }
}
