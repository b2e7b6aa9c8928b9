import { basename } from 'node:path';
import type { GoldenFile } from '../core/model-source.js';
import { invalidArgument, ServingError } from '../core/serving-error.js';
import type { NamedTensor } from '../core/tensor.js';
import type { AskedVersion, GoldenCase } from './golden-case.js';
import { type GoldenCodecs, requestCase } from './request-case.js';
import { type TestDataSet, type TestTensor, type TestTensorFile, testDataCase, testDataSets } from './test-data.js';

/** What golden files are read with. */
export interface GoldenTools {
  readonly codecs: GoldenCodecs;
  /** Of a file of `test_data_set_0`. Throws INVALID_ARGUMENT. What all of these say goes after the file's name. */
  readonly readTensor: (bytes: Uint8Array) => NamedTensor;
  /** The content of a file; undefined where that is larger. Rejects with a ServingError. */
  readonly readFile: (path: string, mostBytes: number) => Promise<Buffer | undefined>;
}

/** A golden request that is not read so far. */
export interface UnreadCase {
  /** Of its file, or of the folder of its files. */
  readonly name: string;
  /** Rejects with a ServingError that is to be put after the name. */
  readonly open: () => Promise<GoldenCase>;
}

const mostFiles = 1000;
/** JSON is read in one go, while all others wait. */
export const mostJsonBytes = 4 * 2 ** 20;
/** All files together: what was read stays until the version is judged. */
const mostBytes = 64 * 2 ** 20;

/** Reads the golden files of one version. */
export class GoldenReader {
  readonly #tools: GoldenTools;
  readonly #version: AskedVersion;
  #bytesLeft = mostBytes;

  constructor(tools: GoldenTools, version: AskedVersion) {
    this.#tools = tools;
    this.#version = version;
  }

  /** Throws INVALID_ARGUMENT where there are too many. */
  cases(files: readonly GoldenFile[]): readonly UnreadCase[] {
    if (files.length > mostFiles) {
      throw invalidArgument(`there are ${files.length} golden files, of which at most ${mostFiles} may be`);
    }
    const sets = testDataSets(files);
    const ofSets = new Set(sets.flatMap(({ inputs, outputs }) => [...inputs, ...outputs].map(({ file }) => file)));
    return [
      ...files
        .filter((file) => !ofSets.has(file))
        .map((file) => ({ name: file.name, open: () => this.#openRequest(file) })),
      ...sets.map((set) => ({ name: set.name, open: () => this.#openSet(set) })),
    ];
  }

  async #openRequest(file: GoldenFile): Promise<GoldenCase> {
    const bytes = await blaming('it', this.#read(file, mostJsonBytes));
    return requestCase({ name: file.name, bytes }, this.#tools.codecs, this.#version);
  }

  async #openSet({ name, inputs, outputs }: TestDataSet): Promise<GoldenCase> {
    return testDataCase(
      { name, inputs: await this.#readTensors(inputs), outputs: await this.#readTensors(outputs) },
      this.#version,
    );
  }

  async #readTensors(files: readonly TestTensorFile[]): Promise<readonly TestTensor[]> {
    const tensors: TestTensor[] = [];
    for (const { file, index } of files) {
      const read = this.#read(file, mostBytes).then((bytes) => this.#tools.readTensor(bytes));
      tensors.push({ file, index, tensor: await blaming(basename(file.name), read) });
    }
    return tensors;
  }

  async #read({ path, problem }: GoldenFile, most: number): Promise<Buffer> {
    if (problem !== undefined) throw invalidArgument(problem);
    const bytes = await this.#tools.readFile(path, Math.min(most, this.#bytesLeft));
    if (bytes === undefined) {
      const isFull = this.#bytesLeft < most;
      throw invalidArgument(
        isFull ? `is too much: all golden files may have ${mostBytes} bytes` : `is larger than ${most} bytes`,
      );
    }
    this.#bytesLeft -= bytes.length;
    return bytes;
  }
}

/** Puts before what is wrong what it is wrong with. */
const blaming = <Result>(subject: string, work: Promise<Result>): Promise<Result> =>
  work.catch((error: unknown) => {
    if (!(error instanceof ServingError)) throw error;
    const { code, message, retryAfterSeconds } = error;
    const options = { cause: error, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
    throw new ServingError(code, `${subject} ${message}`, options);
  });
