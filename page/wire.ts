/** What goes between the page and the server. */

export interface ModelEntry {
  readonly name: string;
  readonly versions: readonly string[];
  readonly state: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface VersionStatus {
  readonly version: string;
  readonly state: string;
  readonly labels?: readonly string[];
  readonly status: { readonly error_code: string; readonly error_message: string };
}

/** Counted since the version began to serve; times in nanoseconds. */
export interface VersionCounts {
  readonly version: string;
  readonly inference_count: number;
  readonly execution_count: number;
  readonly inference_stats: Readonly<Record<string, { readonly count: number; readonly ns: number }>>;
  readonly batch_stats: readonly { readonly batch_size: number; readonly compute_infer: { readonly count: number } }[];
}

/** A request as it is sent, shown and shared. */
export interface Request {
  /** Below the server's address: `v1/models/iris/predict`. */
  readonly path: string;
  readonly contentType: string;
  readonly body: string | Blob;
  /** Sent beside a picture, as fields of a form. */
  readonly fields?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** From the sending to the last byte, as the browser saw it. */
  readonly totalMs: number;
}

/** What is at this port beside models; `try` is absent where inference is answered at another. */
export interface ServerFacts {
  readonly version: string;
  readonly docs?: string;
  readonly metrics?: string;
  readonly try?: string;
}
