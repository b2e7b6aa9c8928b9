import type { GivenSetting, GivenSettings } from './given-setting.js';
import type { SettingSchema } from './json-schema.js';
import { servedPlace } from './served-place.js';
import { flagName, suggestion } from './setting-names.js';
import { valueFromText } from './setting-text.js';
import { type SettingKey, settingKeys, settings } from './settings.js';

const fileFlag = '--config';

/**
 * `DIR`, `--port 80`, `--port=80`, `--docs`, `--no-docs`, `--docs=false`; of a flag given twice the last one counts.
 * Not `util.parseArgs`: strict, it stops at the first problem; lenient, it takes the next flag for a missing value.
 */
export function readFlags(argv: readonly string[], cwd: string): GivenSettings {
  const keys = new Map(settingKeys.map((key) => [`--${flagName(key)}`, key]));
  const given: GivenSetting[] = [];
  const problems: string[] = [];
  let file: GivenSettings['file'];
  let place: string | undefined;
  const give = (key: SettingKey, value: unknown, origin: string) => given.push({ key, value, origin, folder: cwd });

  for (const { flag, text } of splitArguments(argv)) {
    const key = flag && keys.get(flag);
    const negated = flag?.startsWith('--no-') ? keys.get(`--${flag.slice('--no-'.length)}`) : undefined;
    if (flag === undefined) {
      if (place === undefined) given.push(...servedPlace(text as string, cwd));
      else problems.push(`"${text}": expected a flag here; "${place}" is what is served already`);
      place ??= text;
    } else if (negated && isSwitch(negated) && text === undefined) {
      give(negated, false, flag);
    } else if (key && isSwitch(key) && text === undefined) {
      give(key, true, flag);
    } else if (!key && flag !== fileFlag) {
      problems.push(
        `${flag}: there is no such flag${suggestion(flag.replace(/^-+/, '--'), [...keys.keys(), fileFlag])}`,
      );
    } else if (!text) {
      problems.push(`${flag}: expected a value after it, got nothing`);
    } else if (key) {
      give(key, valueFromText(settings[key], text), flag);
    } else {
      file = { path: text, origin: flag };
    }
  }
  return { settings: given, problems, ...(file && { file }) };
}

function isSwitch(key: SettingKey): boolean {
  const schema: SettingSchema = settings[key];
  return schema.type === 'boolean' || (schema.anyOf?.some(({ type }) => type === 'boolean') ?? false);
}

/** Flags with the text that belongs to them, and texts that belong to none. */
function* splitArguments(argv: readonly string[]): Generator<{ flag?: string; text?: string }> {
  for (let at = 0; at < argv.length; at++) {
    const argument = argv[at]!;
    const [, flag, inline] = /^(-[^=]*)(?:=(.*))?$/s.exec(argument) ?? [];
    if (flag === undefined) yield { text: argument };
    else if (inline !== undefined) yield { flag, text: inline };
    else if (at + 1 < argv.length && !argv[at + 1]!.startsWith('--')) yield { flag, text: argv[++at]! };
    else yield { flag };
  }
}
