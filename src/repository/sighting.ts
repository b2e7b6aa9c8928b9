/** What one look at the repository saw of something: not yet known to be complete. */
export interface Sighting<Content> {
  /** Differs whenever the content may. */
  readonly fingerprint: string;
  /** The latest change to any of its files and folders, Unix time. */
  readonly changedAtMs: number;
  readonly content: Content;
}

/** Could not be looked at; says why. */
export interface Unreadable {
  readonly unreadable: string;
}

/** Clients see this: the code of a system's error without the server's paths. */
export const unreadable = ({ code, message }: NodeJS.ErrnoException): Unreadable => ({ unreadable: code ?? message });

/** A version's model file, or why there is none. */
export type VersionContent = { readonly modelPath: string } | { readonly problem: string };

/** A model apart from its versions. */
export interface ModelContent {
  /** Its `model.json`, when there is one. */
  readonly configFile?: { readonly path: string; readonly stamp: string };
  readonly problems: readonly string[];
}

export interface ModelSighting extends Sighting<ModelContent> {
  readonly name: string;
  readonly versions: ReadonlyMap<number, Sighting<VersionContent> | Unreadable>;
}

export type UnreadableModel = Unreadable & { readonly name: string };
