import type { SettingKey, Settings, SettingValue } from './settings.js';

/** Settings that have a value even when nobody gives one. */
type CertainKey = {
  [Key in SettingKey]: Settings[Key] extends { default: unknown } | { defaultText: string } ? Key : never;
}[SettingKey];

/** The server's settings, validated and frozen; `settings` says what each one means. `models` is an absolute path. */
export type Config = { readonly [Key in CertainKey]: SettingValue<Key> } & {
  readonly [Key in Exclude<SettingKey, CertainKey>]?: SettingValue<Key>;
};
