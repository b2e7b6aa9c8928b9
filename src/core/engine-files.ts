/** What an engine process loads a model from. */
export interface EngineFiles {
  /** Absolute path of the file that the engine loads. */
  readonly modelPath: string;
  /** Where the file's external data lies, when it does not lie beside it; absolute. */
  readonly externalDataDirectory?: string;
  /** The user's own files among them; absent where all are the server's copies. */
  readonly originals?: readonly OriginalFile[];
}

/** A file that its owner may replace or write over at any time; the engine does not load what it has become then. */
export interface OriginalFile {
  readonly path: string;
  /** Its `fileState` when the model was prepared. */
  readonly state: string;
  readonly use: OriginalUse;
}

export type OriginalUse =
  /** The model file: the engine is done with it once it has loaded it. */
  | 'model'
  /** It lends weights to the rewritten file at `modelPath`: the engine must not go on reading it once it has loaded them. */
  | 'shared'
  /** External data: it may stay mapped, and nothing is answered from it once it was written to. */
  | 'external';

/** As a file system tells them; in nanoseconds. */
export interface FileStats {
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

/** Another string as soon as a file is replaced or written to. Inodes are left out: some file systems make them up anew. */
export const fileState = ({ size, mtimeNs, ctimeNs }: FileStats): string => [size, mtimeNs, ctimeNs].join('-');
