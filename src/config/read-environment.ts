import type { GivenSetting, GivenSettings, SettingWarning } from './given-setting.js';
import { showValue } from './schema-problems.js';
import { suggestion, variableName } from './setting-names.js';
import { isListenAddress, valueFromText } from './setting-text.js';
import { longestMs, type SettingKey, settingKeys, settings } from './settings.js';

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

/** Shells and their tools set HOST to the machine's name or kind, as conda does: no address was meant. */
const isForeignHost = (name: string, text: string): boolean => name === 'HOST' && !isListenAddress(text);

/** An empty variable is as good as none: compose files and shells write `VAR=` for it. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>, cwd: string): GivenSettings {
  const own = settingKeys.map((key) => [variableName(key), key] as const);
  const known = [...platformVariables, ...own];
  const given = known.flatMap(([name, key]): GivenSetting[] => {
    const text = env[name];
    if (!text || isServiceLink(name, text) || isForeignHost(name, text)) return [];
    return [{ key, value: valueFromText(settings[key], text), origin: `environment variable ${name}`, folder: cwd }];
  });
  const names = [...known.map(([name]) => name), fileVariable];
  const unknown = Object.keys(env).filter(
    (name) => name.startsWith('SLIPWAY_') && !names.includes(name) && !isServiceLink(name, env[name] ?? ''),
  );
  const path = env[fileVariable];
  // Of KServe: another container brings the models, in its own time.
  if (env.MODEL_INIT_MODE === 'async') {
    const origin = 'environment variable MODEL_INIT_MODE';
    given.unshift({ key: 'waitForModelsMs', value: longestMs, origin, folder: cwd });
  }
  const host = env.HOST ?? '';
  const foreignHost: SettingWarning = {
    message: `environment variable HOST: expected an IP address to listen on, got ${showValue(host)}; it is passed over, SLIPWAY_HOST counts in its place`,
    unlessGiven: 'host',
  };
  return {
    settings: given,
    // Deployments of several versions share their environment: no reason not to start.
    warnings: [
      ...(host !== '' && isForeignHost('HOST', host) ? [foreignHost] : []),
      ...unknown.map((name) => ({
        message: `environment variable ${name}: there is no such setting${suggestion(name, names)}`,
      })),
    ],
    problems: [],
    ...(path && { file: { path, origin: `environment variable ${fileVariable}` } }),
  };
}

/**
 * Whether Kubernetes (or Docker's old links) made the variable: for a Service named `slipway` every pod of the
 * namespace gets `SLIPWAY_PORT=tcp://10.0.0.1:80`, `SLIPWAY_SERVICE_HOST`, `SLIPWAY_PORT_80_TCP_ADDR` and so on,
 * which nobody meant as settings.
 */
export const isServiceLink = (name: string, value: string): boolean =>
  /_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$/.test(name) ||
  /_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(name) ||
  (name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value));
