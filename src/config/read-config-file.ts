import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { GivenSetting, GivenSettings } from './given-setting.js';
import { parseJsonText } from './json-text.js';
import { showValue } from './schema-problems.js';
import { suggestion } from './setting-names.js';
import { valueFromJson } from './setting-text.js';
import { type SettingKey, settingKeys, settings } from './settings.js';

const isSettingKey = (key: string): key is SettingKey => Object.hasOwn(settings, key);

/** More than all settings together ever take. */
const mostBytes = 2 ** 20;

/** The JSON file at `path`, absolute, which `origin` named. Its relative paths start in its own folder. */
export function readConfigFile(path: string, origin: string): GivenSettings {
  let json: unknown;
  try {
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > mostBytes)
      throw new Error(`expected at most ${mostBytes} bytes`);
    json = parseJsonText(readFileSync(path, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const who = code === 'EACCES' ? ` (user ${process.getuid?.() ?? ''})` : '';
    return { settings: [], problems: [`${origin}: cannot read ${path}: ${message}${who}`] };
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return {
      settings: [],
      problems: [`${path}: expected a JSON object such as {"port": 8080}, got ${showValue(json)}`],
    };
  }
  const given: GivenSetting[] = [];
  const problems: string[] = [];
  for (const [key, value] of Object.entries(json)) {
    if (key === '$schema') continue;
    const place = `"${key}" in ${path}`;
    if (!isSettingKey(key)) problems.push(`${place}: there is no such key${suggestion(key, settingKeys)}`);
    else given.push({ key, value: valueFromJson(settings[key], value), origin: place, folder: dirname(path) });
  }
  return { settings: given, problems };
}
