import type { Tolerance } from '../core/model-config.js';
import { shownValue } from '../core/short-text.js';
import { isWithin, withinText } from './tolerance.js';

export type JsonPath = readonly (string | number)[];

export interface JsonDifference {
  readonly path: JsonPath;
  readonly message: string;
}

/**
 * Where two JSON values differ first; undefined where they are the same. Numbers may differ by the tolerance, which is asked
 * for where they stand. NaN and infinities may be written as null or as a text in what was expected.
 */
export function jsonDifference(
  got: unknown,
  expected: unknown,
  toleranceAt: (path: JsonPath) => Tolerance,
): JsonDifference | undefined {
  return new Comparison(toleranceAt).difference(got, expected);
}

type JsonObject = Readonly<Record<string, unknown>>;

class Comparison {
  readonly #toleranceAt: (path: JsonPath) => Tolerance;
  /** To what is being compared. */
  readonly #path: (string | number)[] = [];

  constructor(toleranceAt: (path: JsonPath) => Tolerance) {
    this.#toleranceAt = toleranceAt;
  }

  difference(got: unknown, expected: unknown): JsonDifference | undefined {
    if (got === expected || isSameNonFinite(got, expected)) return undefined;
    if (typeof got === 'number' && typeof expected === 'number') {
      const tolerance = this.#toleranceAt(this.#path);
      if (isWithin(got, expected, tolerance)) return undefined;
      return this.#here(`expected ${expected}${withinText(expected, tolerance)}, got ${got}`);
    }
    if (Array.isArray(got) && Array.isArray(expected)) return this.#ofItems(got, expected);
    if (isObject(got) && isObject(expected)) return this.#ofMembers(got, expected);
    return this.#here(`expected ${shownValue(expected)}, got ${shownValue(got)}`);
  }

  #ofItems(got: readonly unknown[], expected: readonly unknown[]): JsonDifference | undefined {
    if (got.length !== expected.length) return this.#here(`expected ${expected.length} items, got ${got.length}`);
    for (let index = 0; index < expected.length; index++) {
      const difference = this.#inside(index, got[index], expected[index]);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }

  #ofMembers(got: JsonObject, expected: JsonObject): JsonDifference | undefined {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(got)])) {
      const difference = this.#inside(key, member(got, key), member(expected, key));
      if (difference !== undefined) return difference;
    }
    return undefined;
  }

  #inside(part: string | number, got: unknown, expected: unknown): JsonDifference | undefined {
    this.#path.push(part);
    const difference = this.difference(got, expected);
    this.#path.pop();
    return difference;
  }

  #here(message: string): JsonDifference {
    return { path: [...this.#path], message };
  }
}

const member = (object: JsonObject, key: string): unknown => (Object.hasOwn(object, key) ? object[key] : undefined);

function isSameNonFinite(got: unknown, expected: unknown): boolean {
  if (typeof got !== 'number' || Number.isFinite(got)) return false;
  return expected === null || expected === String(got);
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `predictions[0].scores[2]` */
export const showPath = (path: JsonPath): string =>
  path.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${part}`)).join('');
