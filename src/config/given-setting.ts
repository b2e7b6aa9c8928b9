import type { SettingKey } from './settings.js';

/** A setting as one of the sources gives it. */
export interface GivenSetting {
  readonly key: SettingKey;
  readonly value: unknown;
  /** How messages name the place: `--port`, `environment variable PORT`, `"port" in /etc/slipway.json`. */
  readonly origin: string;
  /** Relative paths start here. */
  readonly folder: string;
}

/** What is left out of a source without being an error. */
export interface SettingWarning {
  readonly message: string;
  /** Of no interest where this setting is given elsewhere. */
  readonly unlessGiven?: SettingKey;
}

/** What one source says, and what is wrong with it apart from the values. */
export interface GivenSettings {
  readonly settings: readonly GivenSetting[];
  readonly warnings?: readonly SettingWarning[];
  /** Path of the configuration file, as given, and where it was given. */
  readonly file?: { readonly path: string; readonly origin: string };
  readonly problems: readonly string[];
}
