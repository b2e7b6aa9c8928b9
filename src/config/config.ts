import type { SettingKey, Settings, SettingValue } from './settings.js';

/** Settings that have a value even when nobody gives one. */
type CertainKey = {
  [Key in SettingKey]: Settings[Key] extends { default: unknown } | { defaultText: string } ? Key : never;
}[SettingKey];

/** The server's settings, validated and frozen; `settings` says what each one means. `models` is an absolute path. */
export type Config = { readonly [Key in CertainKey]: SettingValue<Key> } & {
  readonly [Key in Exclude<SettingKey, CertainKey>]?: SettingValue<Key>;
};

/** The settings cannot be used. The message lists every problem, a line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    super(`The configuration has ${count}:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** Where worker processes are added by `auto`: one for this many cores. */
const coresForOne = 4;
const mostAutomatic = 4;

/** How many worker processes serve. */
export function workerCount({ workers, cores }: Pick<Config, 'workers' | 'cores'>): number {
  if (workers !== 'auto') return workers;
  return Math.max(1, Math.min(mostAutomatic, Math.floor(cores / coresForOne)));
}
