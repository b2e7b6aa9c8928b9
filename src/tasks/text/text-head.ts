import type { TokenSequence } from '../../core/preparation.js';
import type { NamedTensor } from '../../core/tensor.js';
import type { TensorSpec } from '../../core/tensor-spec.js';
import type { TaskParameters } from '../parameters.js';

/** What the graph gave for one sequence. */
export interface HeadRow {
  /** The row's values: [width], or [tokens, width] where the output has a value for each token. */
  readonly values: ArrayLike<number>;
  readonly width: number;
  readonly sequence: TokenSequence;
  /** Where the sequence's first token lies in the row. */
  readonly from: number;
}

/** How texts are to be read, by what a request asks for. */
export interface TextWishes {
  /** Put before each text. */
  readonly prompt?: string | undefined;
  /** Whether a longer text is cut; otherwise it is an error. */
  readonly truncates: boolean;
  /** Tokens that windows of a longer text have in common; absent: its end is dropped. */
  readonly stride?: number | undefined;
}

/** Texts that tokens stand for: only the tokenizer knows. */
export type JoinTokens = (lists: readonly (readonly string[])[]) => Promise<readonly string[]>;

/** The part of a task behind the graph: pure, but for the tokenizer that it may ask. */
export interface TextHead<Row = unknown> {
  /** What clients get. */
  readonly outputs: readonly TensorSpec[];
  /** Whether a request may be of pairs of texts; `must`: it is. */
  readonly pairs: 'must' | 'may' | 'no';
  /** Whether it needs to know what text each token stands for. */
  readonly needsDetails: boolean;
  /** Throws INVALID_ARGUMENT. */
  begin(parameters: TaskParameters): HeadCall<Row>;
}

/** One request's. */
export interface HeadCall<Row = unknown> {
  readonly wishes: TextWishes;
  row(row: HeadRow): Row;
  /** The outputs, by the rows of each text: each of the head's outputs, rows along axis 0. */
  outputsOf(
    rows: readonly (readonly Row[])[],
    texts: readonly string[],
    join: JoinTokens,
  ): readonly NamedTensor[] | Promise<readonly NamedTensor[]>;
}
