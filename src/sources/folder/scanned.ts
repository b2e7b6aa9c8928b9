import type { GoldenFile } from '../../core/model-source.js';

/** What one scan at the folder saw of something: not yet known to be complete. */
export interface Scanned<Content> {
  /** Differs whenever the content may. */
  readonly fingerprint: string;
  /** The latest change to any of its files and folders, Unix time. */
  readonly changedAtMs: number;
  readonly content: Content;
}

/** Could not be scanned; says why. */
export interface Unreadable {
  readonly unreadable: string;
}

/** Clients see this: the code of a system's error without the server's paths. */
export const unreadable = ({ code = '', message }: NodeJS.ErrnoException): Unreadable => ({
  unreadable: code === 'EACCES' ? `user ${process.getuid?.() ?? ''} may not (EACCES)` : code || message,
});

/** A version's files as far as they matter, or why they cannot be used. Which of them is the model, its settings say, too. */
export type VersionContent = ModelFileCandidates | { readonly problem: string };

export interface ModelFileCandidates {
  /** Paths by names relative to the version's folder. */
  readonly modelFiles: ReadonlyMap<string, string>;
  /** A file of another format that lies there, and what it is. */
  readonly foreign?: string;
  /** What tests the models, by names relative to the version's folder; absent where there is nothing. */
  readonly golden?: ReadonlyMap<string, GoldenFile>;
}

/** A file with settings, or one that settings name. */
export interface SettingsFile {
  readonly path: string;
  readonly stamp: string;
}

/** A model apart from its versions. */
export interface ModelContent {
  /** Its `model.json`, when there is one. */
  readonly configFile?: SettingsFile;
  /** Triton's `config.pbtxt`, when there is one, and the files beside it that it may name, by their names. */
  readonly tritonFile?: SettingsFile;
  readonly sideFiles?: ReadonlyMap<string, SettingsFile>;
  readonly problems: readonly string[];
}

export interface ScannedModel extends Scanned<ModelContent> {
  readonly name: string;
  readonly versions: ReadonlyMap<number, Scanned<VersionContent> | Unreadable>;
}

export type UnreadableModel = Unreadable & { readonly name: string };
