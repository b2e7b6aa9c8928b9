import type { TokenSequence } from '../../core/preparation.js';
import type { AggregationStrategy } from '../../core/task.js';
import { scoresOf } from './scores.js';
import type { JoinTokens } from './text-head.js';

/** The logits of a sequence's tokens, end to end. */
export interface TokenLogits {
  readonly logits: ArrayLike<number>;
  readonly width: number;
  readonly sequence: TokenSequence;
}

/** A token of a text, with the score of each label. */
export interface ScoredToken {
  readonly token: string;
  readonly scores: Float32Array;
  /** In its window. */
  readonly index: number;
  /** In code points. */
  readonly start: number;
  readonly end: number;
  /** Whether it goes on with the word before it. */
  readonly goesOn: boolean;
}

/** What is found in a text: a token, or neighbours of the same label. */
export interface Entity {
  readonly label: string;
  readonly score: number;
  /** Of a lone token, in its window. */
  readonly index?: number;
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/** As an entity, before its tokens are put together. */
interface Part extends Omit<Entity, 'word'> {
  readonly tokens: readonly string[];
}

interface Group extends Omit<Entity, 'word'> {
  readonly parts: readonly Part[];
}

export interface TokenRules {
  /** What a token that goes on with a word begins with; undefined where tokens do not show it. */
  readonly subwordPrefix: string | undefined;
  /** The token that stands for what is not known: each is a word of its own. */
  readonly unknownId: number | undefined;
}

/** A sequence's tokens but for those that stand for no text. `text`: its code points. */
export function scoredTokens(
  { logits: all, width, sequence }: TokenLogits,
  text: readonly string[],
  rules: TokenRules,
): ScoredToken[] {
  const { ids, details } = sequence;
  if (details === undefined) throw new Error('the tokens came without their places in the text');
  return details.tokens.flatMap((token, index): ScoredToken[] => {
    if (details.special[index] === 1) return [];
    const [start, end] = details.offsets.subarray(2 * index, 2 * index + 2) as unknown as [number, number];
    const logits = Float32Array.from({ length: width }, (_, at) => all[index * width + at] as number);
    const isUnknown = ids[index] === rules.unknownId;
    return [
      {
        token: isUnknown ? text.slice(start, end).join('') : token,
        scores: scoresOf(logits, 'softmax'),
        index,
        start,
        end,
        goesOn: !isUnknown && goesOn(token, start, end, text, rules),
      },
    ];
  });
}

/** As transformers tells it: by a prefix that the text does not have, else by a space. */
function goesOn(
  token: string,
  start: number,
  end: number,
  text: readonly string[],
  { subwordPrefix }: TokenRules,
): boolean {
  if (subwordPrefix !== undefined) return [...token].length !== end - start;
  return start > 0 && !text.slice(start - 1, start + 1).includes(' ');
}

export interface EntityOptions {
  readonly labels: readonly string[];
  readonly aggregation: AggregationStrategy;
  readonly ignoreLabels: readonly string[];
}

/** The entities of texts, each given by the tokens of its windows. */
export async function findEntities(
  texts: readonly (readonly (readonly ScoredToken[])[])[],
  options: EntityOptions,
  join: JoinTokens,
): Promise<readonly (readonly Entity[])[]> {
  const found = texts.map((windows) => {
    const groups = windows.flatMap((tokens) => groupsOf(tokens, options));
    return windows.length > 1 ? withoutOverlaps(groups) : groups;
  });
  if (options.aggregation === 'none') {
    return found.map((groups) =>
      groups.map(({ parts, ...entity }) => ({ ...entity, word: parts[0]?.tokens[0] as string })),
    );
  }
  const groups = found.flat();
  const parts = groups.flatMap((group) => group.parts);
  const isOfWords = options.aggregation !== 'simple';
  const words = isOfWords
    ? await join(parts.map(({ tokens }) => tokens))
    : parts.map(({ tokens }) => tokens[0] as string);
  let from = 0;
  const lists = groups.map((group) => {
    const own = words.slice(from, from + group.parts.length);
    from += own.length;
    return own;
  });
  const joined = await join(lists);
  let next = 0;
  return found.map((ofText) =>
    ofText.map(({ parts: _, ...entity }) => ({ ...entity, word: joined[next++] as string })),
  );
}

function groupsOf(tokens: readonly ScoredToken[], { labels, aggregation, ignoreLabels }: EntityOptions): Group[] {
  const label = (place: number): string => labels[place] ?? `LABEL_${place}`;
  const parts =
    aggregation === 'none' || aggregation === 'simple'
      ? tokens.map((token) => partOf([token], token.scores, label))
      : wordsOf(tokens).map((word) => partOf(word, wordScores(word, aggregation), label));
  const groups =
    aggregation === 'none' ? parts.map((part): Group => ({ ...part, parts: [part] })) : neighbours(parts).map(groupOf);
  return groups.filter((group) => !ignoreLabels.includes(group.label));
}

function partOf(tokens: readonly ScoredToken[], scores: Float32Array, label: (place: number) => string): Part {
  const [first, last] = [tokens[0] as ScoredToken, tokens.at(-1) as ScoredToken];
  const place = scores.indexOf(Math.max(...scores));
  return {
    label: label(place),
    score: scores[place] as number,
    index: first.index,
    tokens: tokens.map(({ token }) => token),
    start: first.start,
    end: last.end,
  };
}

function wordsOf(tokens: readonly ScoredToken[]): ScoredToken[][] {
  const words: ScoredToken[][] = [];
  for (const token of tokens) {
    const word = words.at(-1);
    if (word !== undefined && token.goesOn) word.push(token);
    else words.push([token]);
  }
  return words;
}

function wordScores(word: readonly ScoredToken[], aggregation: AggregationStrategy): Float32Array {
  const first = (word[0] as ScoredToken).scores;
  if (aggregation === 'first') return first;
  if (aggregation === 'average') {
    return first.map((_, at) => word.reduce((sum, { scores }) => sum + (scores[at] as number), 0) / word.length);
  }
  let best = first;
  for (const { scores } of word) if (Math.max(...scores) > Math.max(...best)) best = scores;
  return best;
}

/** Neighbours of the same tag; one that begins an entity (`B-`) begins a group. */
function neighbours(parts: readonly Part[]): Part[][] {
  const groups: Part[][] = [];
  for (const part of parts) {
    const last = groups.at(-1)?.at(-1);
    if (last !== undefined && tagOf(last.label) === tagOf(part.label) && !part.label.startsWith('B-')) {
      groups.at(-1)?.push(part);
    } else groups.push([part]);
  }
  return groups;
}

const tagOf = (label: string): string => (/^[BI]-/.test(label) ? label.slice(2) : label);

function groupOf(parts: readonly Part[]): Group {
  const [first, last] = [parts[0] as Part, parts.at(-1) as Part];
  const dash = first.label.indexOf('-');
  return {
    label: first.label.slice(dash + 1),
    score: parts.reduce((sum, { score }) => sum + score, 0) / parts.length,
    parts,
    start: first.start,
    end: last.end,
  };
}

/** Windows see some tokens twice: of what overlaps the longer one stays, then the likelier one. */
function withoutOverlaps(groups: readonly Group[]): Group[] {
  const kept: Group[] = [];
  for (const group of groups.toSorted((a, b) => a.start - b.start)) {
    const last = kept.at(-1);
    if (last === undefined || !(last.start <= group.start && group.start < last.end)) kept.push(group);
    else if (isBetter(group, last)) kept[kept.length - 1] = group;
  }
  return kept;
}

function isBetter(a: Group, b: Group): boolean {
  const [lengthA, lengthB] = [a.end - a.start, b.end - b.start];
  return lengthA > lengthB || (lengthA === lengthB && a.score > b.score);
}
