import type { FileWindow } from '../file-window.js';
import type { GraphDraft } from './graph-draft.js';

/** One reason to change a graph: finds what it is about in the draft and changes that, or leaves the draft alone. */
export type Rewrite = (draft: GraphDraft, file: FileWindow) => void | Promise<void>;
