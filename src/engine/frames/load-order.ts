/** What a load frame asks for. */
export interface LoadOrder {
  readonly modelPath: string;
  /** Where the file's external data lies, when not beside it. */
  readonly externalDataDirectory?: string;
  readonly threads: number;
}

/** What the engine process answers once the model is loaded. */
export interface LoadedModel {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
}
