/** A version that should serve, by the content of its files and settings. */
export interface WantedVersion {
  readonly version: number;
  readonly fingerprint: string;
}

/** One version as it stands. Fingerprints tell which content each fact is about. */
export interface VersionSituation {
  readonly version: number;
  readonly serving?: string;
  readonly loading?: string;
  /** Content that failed to load, or that the engine gave up. */
  readonly failed?: string;
}

export type ReconcileAction =
  | { readonly kind: 'load'; readonly version: number }
  | { readonly kind: 'unload'; readonly version: number }
  /** Nothing is left of it: no longer wanted, neither serving nor loading. */
  | { readonly kind: 'forget'; readonly version: number };

/**
 * The one next step that brings a model from what is to what is wanted; undefined when there is none to take.
 * A version that is no longer wanted serves on until no wanted one loads any more and one of them serves, so that
 * the model never goes without; unless nothing is wanted at all.
 */
export function reconcile(
  wanted: readonly WantedVersion[],
  current: readonly VersionSituation[],
): ReconcileAction | undefined {
  const situation = new Map(current.map((entry) => [entry.version, entry]));
  const newestFirst = [...wanted].sort((a, b) => b.version - a.version);
  for (const { version, fingerprint } of newestFirst) {
    const entry = situation.get(version);
    const isDecided = entry?.serving === fingerprint || entry?.failed === fingerprint;
    if (!isDecided && entry?.loading === undefined) return { kind: 'load', version };
  }
  const surplus = current.filter((entry) => !wanted.some(({ version }) => version === entry.version));
  const gone = surplus.find((entry) => entry.serving === undefined && entry.loading === undefined);
  if (gone !== undefined) return { kind: 'forget', version: gone.version };
  const unloadable = surplus.find((entry) => entry.serving !== undefined && entry.loading === undefined);
  if (unloadable === undefined) return undefined;
  const noneLoads = newestFirst.every(({ version }) => situation.get(version)?.loading === undefined);
  const oneServes = newestFirst.some(({ version }) => situation.get(version)?.serving !== undefined);
  const mayGo = wanted.length === 0 || (noneLoads && oneServes);
  return mayGo ? { kind: 'unload', version: unloadable.version } : undefined;
}
