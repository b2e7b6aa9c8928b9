import type { TokenSequence } from '../../core/preparation.js';
import type { Servable } from '../../core/servable.js';
import { filledTo } from '../../tasks/text/token-batches.js';
import { runTokens } from './run-tokens.js';
import type { TextTaskParts } from './text-task.js';

export interface PaddingProof {
  readonly isPadded: boolean;
  /** Why it is not. */
  readonly note?: string;
}

/** What padding may change of a number. */
const tolerance = 1e-4;
/** As many as a text of 512 tokens is filled up with. */
const padTokens = 32;

/**
 * Whether a text answers the same when it is filled up. One that is filled up must not answer otherwise than alone: where
 * it does, only texts of the same length share runs. Rejects where the graph takes no text at all.
 */
export async function provePadding(inner: Servable, parts: TextTaskParts): Promise<PaddingProof> {
  const { fixedLength, maxTokens, preparer, head } = parts;
  const texts = ['A short text.'];
  const pairs = head.pairs === 'must' ? ['Another.'] : undefined;
  const limit = Number.isFinite(maxTokens) ? maxTokens : undefined;
  const { sequences } = await preparer.tokenize({ texts, pairs, maxTokens: limit, details: head.needsDetails }, {});
  const [sequence] = sequences as readonly [TokenSequence];
  const call = head.begin({});
  const alone = filledTo(sequence.ids.length, { ...parts, isPadded: false });
  const [row] = await runTokens(inner, parts, { sequences: [sequence], length: alone }, {});
  if (row === undefined) throw new Error('the graph gives no row for a text');
  if (fixedLength !== undefined) return { isPadded: true };
  const length = Math.min(alone + padTokens, maxTokens);
  if (length <= alone) return { isPadded: false };
  try {
    const [padded] = await runTokens(inner, parts, { sequences: [sequence], length }, {});
    if (padded !== undefined && isAlike(call.row(row), call.row(padded))) return { isPadded: true };
    return { isPadded: false, note: 'padding changes answers: only texts of the same number of tokens share runs' };
  } catch (error) {
    return {
      isPadded: false,
      note: `padded texts fail, so that only texts of one length share runs: ${(error as Error).message}`,
    };
  }
}

/** Numbers, lists of them, or objects that have some. */
function isAlike(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) <= tolerance;
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b))
    return isAlike([...(a as Float32Array)], [...(b as Float32Array)]);
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, at) => isAlike(item, b[at]));
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null && a !== b) {
    return Object.entries(a).every(([key, value]) => isAlike(value, (b as Record<string, unknown>)[key]));
  }
  return a === b;
}
