import type { PartReader } from '../part-reader.js';
import type { GraphDraft } from './graph-draft.js';

/** One reason to change a graph: finds what it is about in the draft and changes that, or leaves the draft alone. */
export type Rewrite = (draft: GraphDraft, parts: PartReader) => void | Promise<void>;
