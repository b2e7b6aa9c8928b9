import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { invalidArgument, ServingError } from '../../core/serving-error.js';
import { requireSpan, type SharedSpan } from './shared-object.js';

/** A named part of a shared memory object, as a caller registered it. */
export interface SharedRegion extends SharedSpan {
  readonly name: string;
}

const mostRegions = 1024;
const longestName = 255;

/**
 * The regions that callers registered. Each is a file in a folder, so that every thread and every process of the server
 * that is given the folder knows all of them at once, those that start later too.
 */
export class SharedRegions {
  readonly #folder: string;

  /** The folder is this server's own; it need not be there yet. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Throws INVALID_ARGUMENT where the object does not hold it, CONFLICT where the name is taken. */
  register(region: SharedRegion): void {
    const { name } = region;
    const subject = `shared memory region '${name.slice(0, longestName)}'`;
    if (name.length === 0 || name.length > longestName)
      throw invalidArgument(`${subject}: expected a name of 1 to ${longestName} characters, got ${name.length}`);
    if (region.bytes === 0) throw invalidArgument(`${subject}: byte_size: expected 1 or more, got 0`);
    requireSpan(region, subject);
    if (this.#files().length >= mostRegions)
      throw new ServingError(
        'RESOURCE_EXHAUSTED',
        `${subject}: ${mostRegions} regions are registered, and no more may be`,
      );
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const file = this.#fileOf(name);
    const unfinished = `${file}.${process.pid}`;
    writeFileSync(unfinished, JSON.stringify(region), { mode: 0o600 });
    try {
      // Whole or not at all, and only one of two who do it at once.
      linkSync(unfinished, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      throw new ServingError('CONFLICT', `${subject} already in manager: it is registered; unregister it first`);
    } finally {
      rmSync(unfinished, { force: true });
    }
  }

  /** Forgets the region, or all of them; to forget what is not known is no failure. */
  unregister(name?: string): void {
    const files = name === undefined ? this.#files() : [this.#fileOf(name)];
    for (const file of files) rmSync(file, { force: true });
  }

  find(name: string): SharedRegion | undefined {
    return readRegion(this.#fileOf(name));
  }

  /** By name. */
  list(): readonly SharedRegion[] {
    const regions = this.#files().flatMap((file) => readRegion(file) ?? []);
    return regions.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #fileOf(name: string): string {
    return join(this.#folder, `${createHash('sha256').update(name).digest('hex')}.json`);
  }

  #files(): string[] {
    try {
      const names = readdirSync(this.#folder).filter((name) => name.endsWith('.json'));
      return names.map((name) => join(this.#folder, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }
}

function readRegion(file: string): SharedRegion | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as SharedRegion;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
