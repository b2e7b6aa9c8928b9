import { ServingError } from '../core/serving-error.js';
import type { ModelFolder } from '../core/task.js';

/** A value of a JSON file, or nothing where it is of another kind. */
export class JsonFile {
  readonly name: string;
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(name: string, value: unknown) {
    this.name = name;
    this.#fields = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  }

  field(key: string): unknown {
    return Object.hasOwn(this.#fields, key) ? this.#fields[key] : undefined;
  }

  has(key: string): boolean {
    return this.field(key) !== undefined && this.field(key) !== null;
  }

  text(key: string): string | undefined {
    const value = this.field(key);
    return typeof value === 'string' ? value : undefined;
  }

  number(key: string): number | undefined {
    const value = this.field(key);
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  }

  truth(key: string): boolean | undefined {
    const value = this.field(key);
    return typeof value === 'boolean' ? value : undefined;
  }

  texts(key: string): readonly string[] | undefined {
    const value = this.field(key);
    return Array.isArray(value) && value.every((item): item is string => typeof item === 'string') ? value : undefined;
  }

  object(key: string): JsonFile | undefined {
    const value = this.field(key);
    return typeof value === 'object' && value !== null ? new JsonFile(this.name, value) : undefined;
  }

  /** Keys and values, in the order of the file. */
  get entries(): readonly (readonly [string, unknown])[] {
    return Object.entries(this.#fields);
  }
}

/** The files that say what a model does are small. */
const mostBytes = 4 * 2 ** 20;

/** The small files of a model's folder. What cannot be read as what it should be is told by its name. */
export class ModelFiles {
  readonly #folder: ModelFolder;
  readonly #problems: string[] = [];

  constructor(folder: ModelFolder) {
    this.#folder = folder;
  }

  get problems(): readonly string[] {
    return this.#problems;
  }

  has(name: string): boolean {
    return this.#folder.names.has(name);
  }

  /** Undefined where there is none, or none that can be read. Rejects with UNAVAILABLE where it is away for now. */
  async json(name: string): Promise<JsonFile | undefined> {
    const text = await this.text(name);
    if (text === undefined) return undefined;
    try {
      return new JsonFile(name, JSON.parse(text));
    } catch {
      this.#problems.push(`${name} is not JSON`);
      return undefined;
    }
  }

  async text(name: string): Promise<string | undefined> {
    if (!this.has(name)) return undefined;
    try {
      return new TextDecoder().decode(await this.#folder.read(name, mostBytes));
    } catch (error) {
      if (error instanceof ServingError) throw error;
      const { code, message } = error as Error & { readonly code?: string };
      this.#problems.push(`${name} cannot be read: ${code ?? message}`);
      return undefined;
    }
  }
}
