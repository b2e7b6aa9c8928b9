import type { FileWindow } from './file-window.js';
import type { OutlineBudget } from './outline-budget.js';

/**
 * A table of a FlatBuffers file, read field by field from the file (https://flatbuffers.dev/internals/).
 * Fields go by their position in the schema. Throws INVALID_ARGUMENT for offsets that leave the file.
 */
export class FlatTable {
  readonly #file: FileWindow;
  readonly #budget: OutlineBudget;
  readonly #position: number;

  private constructor(file: FileWindow, budget: OutlineBudget, position: number) {
    this.#file = file;
    this.#budget = budget;
    this.#position = position;
  }

  static async root(file: FileWindow, budget: OutlineBudget): Promise<FlatTable> {
    const head = await new FlatTable(file, budget, 0).#view(0, 4);
    return new FlatTable(file, budget, head.getUint32(0, true));
  }

  async integer(field: number): Promise<number> {
    const at = await this.#locate(field);
    return at === undefined ? 0 : (await this.#view(at, 4)).getInt32(0, true);
  }

  async byte(field: number): Promise<number> {
    const at = await this.#locate(field);
    return at === undefined ? 0 : (await this.#view(at, 1)).getUint8(0);
  }

  async long(field: number): Promise<bigint> {
    const at = await this.#locate(field);
    return at === undefined ? 0n : (await this.#view(at, 8)).getBigInt64(0, true);
  }

  async text(field: number): Promise<string> {
    const at = await this.#locate(field);
    return at === undefined ? '' : this.#textAt(at);
  }

  async table(field: number): Promise<FlatTable | undefined> {
    const at = await this.#locate(field);
    return at === undefined ? undefined : new FlatTable(this.#file, this.#budget, await this.#follow(at));
  }

  async tables(field: number): Promise<readonly FlatTable[]> {
    return this.#elements(field, 4, async (at) => new FlatTable(this.#file, this.#budget, await this.#follow(at)));
  }

  async texts(field: number): Promise<readonly string[]> {
    return this.#elements(field, 4, (at) => this.#textAt(at));
  }

  async longs(field: number): Promise<readonly bigint[]> {
    return this.#elements(field, 8, async (at) => (await this.#view(at, 8)).getBigInt64(0, true));
  }

  async #elements<T>(field: number, size: number, read: (at: number) => Promise<T>): Promise<readonly T[]> {
    const at = await this.#locate(field);
    if (at === undefined) return [];
    const start = await this.#follow(at);
    const length = (await this.#view(start, 4)).getUint32(0, true);
    if (start + 4 + length * size > this.#file.size)
      throw this.#file.corrupt(`a list of ${length} elements ends outside the file`);
    const elements: T[] = [];
    for (let index = 0; index < length; index++) {
      this.#budget.spendMessage();
      elements.push(await read(start + 4 + index * size));
    }
    return elements;
  }

  async #textAt(at: number): Promise<string> {
    const start = await this.#follow(at);
    const length = (await this.#view(start, 4)).getUint32(0, true);
    this.#budget.spendText(length);
    const { buffer, byteOffset, byteLength } = await this.#view(start + 4, length);
    return Buffer.from(buffer, byteOffset, byteLength).toString();
  }

  /** Where the field's value lies; undefined where the table leaves it at its default. */
  async #locate(field: number): Promise<number | undefined> {
    this.#budget.spendField();
    const vtable = this.#position - (await this.#view(this.#position, 4)).getInt32(0, true);
    const vtableBytes = (await this.#view(vtable, 2)).getUint16(0, true);
    const entry = 4 + 2 * field;
    if (entry + 2 > vtableBytes) return undefined;
    const offset = (await this.#view(vtable + entry, 2)).getUint16(0, true);
    return offset === 0 ? undefined : this.#position + offset;
  }

  async #follow(at: number): Promise<number> {
    return at + (await this.#view(at, 4)).getUint32(0, true);
  }

  async #view(offset: number, length: number): Promise<DataView> {
    if (offset < 0 || offset + length > this.#file.size) {
      throw this.#file.corrupt(
        `it points to byte ${offset + length} and has ${this.#file.size}; it is cut short or damaged`,
      );
    }
    const bytes = await this.#file.load({ offset, length });
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}
