import { createRequire } from 'node:module';
import type { Encoding, Tokenizer } from 'tokenizers';
import type { TokenizerFacts } from '../../core/preparation.js';
import type { Operation } from '../preparation-frames.js';
import type { TokenizedJson } from '../tokenized-message.js';

type Tokenize = Operation & { readonly op: 'tokenize' };

interface TokenizerJson {
  readonly model?: { readonly continuing_subword_prefix?: string | null };
}

/** A tokenizer.json, with limits of our own in place of those that it was saved with. */
export class LoadedTokenizer {
  readonly facts: TokenizerFacts;
  readonly #tokenizer: Tokenizer;
  #limits = '';

  constructor(json: string, specialTokens: Readonly<Record<string, string>>) {
    // Loaded only here: the library is a native one.
    const library = createRequire(import.meta.url)('tokenizers') as { Tokenizer: typeof Tokenizer };
    this.#tokenizer = library.Tokenizer.fromString(json);
    this.#tokenizer.disablePadding();
    this.#tokenizer.disableTruncation();
    const { model } = JSON.parse(json) as TokenizerJson;
    const specialIds = Object.entries(specialTokens).flatMap(([purpose, token]) => {
      const id = this.#tokenizer.tokenToId(token);
      return id === null ? [] : [[purpose, id] as const];
    });
    this.facts = {
      specialIds: Object.fromEntries(specialIds),
      subwordPrefix: model?.continuing_subword_prefix || undefined,
    };
  }

  async tokenize(request: Tokenize): Promise<{ json: TokenizedJson; blobs: readonly Uint8Array[] }> {
    const { texts, pairs, maxTokens, stride, details } = request;
    this.#limit(maxTokens, stride ?? 0);
    const encodings = await Promise.all(texts.map((text, at) => this.#tokenizer.encode(text, pairs?.[at] ?? null)));
    const longer: number[] = [];
    const sequences: { readonly text: number; readonly encoding: Encoding }[] = [];
    for (const [text, encoding] of encodings.entries()) {
      sequences.push({ text, encoding });
      const overflowing = maxTokens === undefined ? [] : encoding.getOverflowing();
      if (overflowing.length > 0) longer.push(text);
      if (stride !== undefined) sequences.push(...overflowing.map((window) => ({ text, encoding: window })));
    }
    const all = sequences.map(({ encoding }) => encoding);
    const ids = all.map((encoding) => encoding.getIds());
    return {
      json: {
        texts: sequences.map(({ text }) => text),
        lengths: ids.map(({ length }) => length),
        longer,
        ...(details && { tokens: all.map((encoding) => encoding.getTokens()) }),
      },
      blobs: [
        bytesOf(Int32Array.from(ids.flat())),
        Uint8Array.from(all.flatMap((encoding) => encoding.getTypeIds())),
        ...(details
          ? [
              bytesOf(Int32Array.from(all.flatMap((encoding) => encoding.getOffsets().flat()))),
              Uint8Array.from(all.flatMap((encoding) => encoding.getSpecialTokensMask())),
            ]
          : []),
      ],
    };
  }

  join(lists: readonly (readonly string[])[]): readonly string[] {
    const decoder = this.#tokenizer.getDecoder();
    return lists.map((tokens) => decoder?.decode([...tokens]) ?? tokens.join(' '));
  }

  /** Requests come one after another, so that the limits in force are those of the one at hand. */
  #limit(maxTokens: number | undefined, stride: number): void {
    const limits = `${maxTokens} ${stride}`;
    if (limits === this.#limits) return;
    if (maxTokens === undefined) this.#tokenizer.disableTruncation();
    else this.#tokenizer.setTruncation(maxTokens, { strategy: longestFirst, stride });
    this.#limits = limits;
  }
}

/** The library declares an enum that is not there when a module is compiled by itself. */
const longestFirst = 'LongestFirst' as import('tokenizers').TruncationStrategy;

const bytesOf = ({ buffer, byteOffset, byteLength }: Int32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);
