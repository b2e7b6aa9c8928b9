/** What callers may be let do: send requests, look at models, change what is served, see metrics. */
export const scopes = ['infer', 'read', 'control', 'metrics'] as const;

export type Scope = (typeof scopes)[number];

/** Who calls. */
export interface Principal {
  /** Of a key or token, printable and without secrets; undefined where callers need not say who they are. */
  readonly id: string | undefined;
  /** Whether models of this name are for them at all. */
  mayUse(model: string): boolean;
}

/** An API key as its file has it. */
export interface AccessKey {
  readonly id: string;
  /** SHA-256 of the key, 64 hexadecimal digits in lower case. */
  readonly sha256: string;
  readonly scopes: readonly Scope[];
  /** Patterns of models' names, in which `*` stands for any text. */
  readonly models: readonly string[];
  readonly requestsPerSecond?: number;
  readonly rowsPerSecond?: number;
}

/** Why a call was denied, for protocols that tell it in more than words. */
export type Denial =
  | { readonly reason: 'no-credentials' | 'bad-credentials' | 'not-allowed' }
  | { readonly reason: 'missing-scope'; readonly scope: Scope }
  | { readonly reason: 'rate-limit'; readonly perSecond: number; readonly resetSeconds: number };

/** Of all models those that the caller may know of. */
export const modelsFor = <Model extends { readonly name: string }>(
  principal: Principal | null,
  models: readonly Model[],
): readonly Model[] => (principal === null ? models : models.filter(({ name }) => principal.mayUse(name)));
