import type { NonFinite } from '../codecs/json-writer.js';
import { invalidArgument } from '../core/serving-error.js';

const choices: readonly unknown[] = ['null', 'token', 'string'] satisfies NonFinite[];

const isNonFinite = (value: unknown): value is NonFinite => choices.includes(value);

/** How this answer writes NaN and infinities: the first of `wishes` that was made, else `fallback`. */
export function nonFiniteChoice(wishes: readonly unknown[], fallback: NonFinite): NonFinite {
  const wish = wishes.find((value) => value !== undefined);
  if (wish === undefined) return fallback;
  if (isNonFinite(wish)) return wish;
  throw invalidArgument(`non_finite: expected "null", "token" or "string", got ${JSON.stringify(wish)}`);
}
