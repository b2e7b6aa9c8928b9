import type { ImagePlacement, ImagePlan, ImageSize } from './image-plan.js';
import type { CallerSignal } from './inference.js';
import type { ModelVersionId } from './model.js';

/** What the preparation of a model's inputs needs loaded. */
export interface PreparationOrder {
  readonly id: ModelVersionId;
  /** The text of a tokenizer.json, for what takes texts. */
  readonly tokenizer?: Uint8Array;
  /** Special tokens by what they are for; those that the tokenizer knows are numbered in `TokenizerFacts`. */
  readonly specialTokens?: Readonly<Record<string, string>>;
  /** For what takes pictures. */
  readonly image?: ImagePlan;
}

export interface TokenizerFacts {
  readonly specialIds: Readonly<Record<string, number>>;
  /** What a token that goes on with a word begins with, such as `##`; undefined where tokens do not show that. */
  readonly subwordPrefix: string | undefined;
}

export interface TokenizeRequest {
  readonly texts: readonly string[];
  /** The second text of each pair; as many as `texts`. */
  readonly pairs?: readonly string[] | undefined;
  /** Special tokens included; absent: texts are not cut. */
  readonly maxTokens?: number | undefined;
  /** A longer text is cut into windows that have so many tokens in common; absent: its end is dropped. */
  readonly stride?: number | undefined;
  /** Whether `tokens` and what belongs to each are wanted. */
  readonly details: boolean;
}

/** What texts became: a sequence of tokens each, or several where they were cut into windows. */
export interface Tokenized {
  readonly sequences: readonly TokenSequence[];
  /** Which texts are longer than `maxTokens`. */
  readonly longer: readonly number[];
  readonly prepareMs: number;
}

export interface TokenSequence {
  /** The position of its text. */
  readonly text: number;
  readonly ids: Int32Array;
  readonly typeIds: Uint8Array;
  readonly details?: TokenDetails;
}

export interface TokenDetails {
  readonly tokens: readonly string[];
  /** Where each token begins and ends in its text, in code points. */
  readonly offsets: Int32Array;
  /** 1 for tokens that stand for no text. */
  readonly special: Uint8Array;
}

/** What a picture became: one row of a model's input, and where the picture lies in it. */
export interface PreparedImage {
  readonly data: Float32Array;
  /** Without the axis of rows. */
  readonly shape: readonly number[];
  readonly placement: ImagePlacement;
  /** Of the picture as it is seen. */
  readonly size: ImageSize;
  readonly prepareMs: number;
}

/** Who waits for something. */
export interface PreparationInterest {
  readonly signal?: CallerSignal | undefined;
  /** `performance.now()` after which the answer is worthless. */
  readonly deadlineMs?: number | undefined;
}

/** Prepares the inputs of one model version. Rejects with a ServingError. Owner: the layer that asked for it. */
export interface Preparer {
  readonly tokenizer: TokenizerFacts;
  tokenize(request: TokenizeRequest, interest: PreparationInterest): Promise<Tokenized>;
  /** Of the bytes of a JPEG, PNG or WebP file. */
  prepareImage(bytes: Uint8Array, interest: PreparationInterest): Promise<PreparedImage>;
  /** The texts that lists of tokens stand for. */
  joinTokens(lists: readonly (readonly string[])[], interest: PreparationInterest): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** How busy the preparation of one version is. */
export interface PreparationLoad {
  readonly id: ModelVersionId;
  /** Requests that wait for a process. */
  readonly waiting: number;
  /** Those that are loaded and alive. */
  readonly processes: number;
}

/** What requests need done before the engine can compute. Implemented over processes, which a file or a text may end. */
export interface Preparation {
  /** Rejects with a ServingError that says why the files cannot be used. */
  open(order: PreparationOrder): Promise<Preparer>;
}
