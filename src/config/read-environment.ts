import type { GivenSetting, GivenSettings } from './given-setting.js';
import { isServiceLink } from './service-links.js';
import { variableName } from './setting-names.js';
import { valueFromText } from './setting-text.js';
import { type SettingKey, settingKeys, settings } from './settings.js';
import { suggestion } from './suggestion.js';

const fileVariable = 'SLIPWAY_CONFIG';

/** Names that platforms set; the `SLIPWAY_` names of the same settings count for more. */
const platformVariables: readonly (readonly [name: string, key: SettingKey])[] = [
  ['PORT', 'port'],
  ['HOST', 'host'],
];

/** The variable or variables that give a setting, the usual one first. */
export const variablesOf = (key: SettingKey): string[] => [
  ...platformVariables.filter(([, platformKey]) => platformKey === key).map(([name]) => name),
  variableName(key),
];

/** An empty variable is as good as none: compose files and shells write `VAR=` for it. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>, cwd: string): GivenSettings {
  const own = settingKeys.map((key) => [variableName(key), key] as const);
  const known = [...platformVariables, ...own];
  const given = known.flatMap(([name, key]): GivenSetting[] => {
    const text = env[name];
    if (!text || isServiceLink(name, text)) return [];
    return [{ key, value: valueFromText(settings[key], text), origin: `environment variable ${name}`, folder: cwd }];
  });
  const names = [...known.map(([name]) => name), fileVariable];
  const unknown = Object.keys(env).filter(
    (name) => name.startsWith('SLIPWAY_') && !names.includes(name) && !isServiceLink(name, env[name] ?? ''),
  );
  const path = env[fileVariable];
  return {
    settings: given,
    problems: unknown.map((name) => `environment variable ${name}: there is no such setting${suggestion(name, names)}`),
    ...(path && { file: { path, origin: `environment variable ${fileVariable}` } }),
  };
}
