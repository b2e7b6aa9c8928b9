import { resolve } from 'node:path';
import { availableCores, availableMemory } from './available-resources.js';
import { type Config, ConfigError } from './config.js';
import type { GivenSetting, GivenSettings } from './given-setting.js';
import type { SettingSchema } from './json-schema.js';
import { modelsFolderProblem } from './models-folder.js';
import { readConfigFile } from './read-config-file.js';
import { readEnvironment } from './read-environment.js';
import { readFlags } from './read-flags.js';
import { schemaProblems } from './schema-problems.js';
import { flagName } from './setting-names.js';
import { hostAddress } from './setting-text.js';
import { type SettingKey, settingKeys, settings } from './settings.js';

export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The flags, without the program's name and the command. */
  readonly argv: readonly string[];
  readonly cwd: string;
  /** Whether models come from a source that `Service` is given: no models folder need be there. */
  readonly hasOwnSource?: boolean;
  /** Found from the container's limits when absent. */
  readonly availableCores?: number;
  /** Bytes. Found from the container's limits when absent. */
  readonly availableMemory?: number;
}

/** The settings, and what whoever starts the server should hear about them. */
export interface LoadedConfig {
  readonly config: Config;
  /** What was given and is not used, a line each. */
  readonly warnings: readonly string[];
  /** Where each setting that somebody gave came from: `--port`, `environment variable PORT`. */
  readonly origins: Readonly<Partial<Record<SettingKey, string>>>;
}

const usualResponseLimitBytes = 256 * 2 ** 20;
/** A server with less memory for answers would reject images. */
const leastResponseBytes = 64 * 2 ** 20;

export const loadConfig = (sources: ConfigSources): Config => readSettings(sources).config;

/** Flags count for more than the environment, that for more than the file. Throws ConfigError with every problem. */
export function readSettings(sources: ConfigSources): LoadedConfig {
  const given = readSources(sources);
  const models = resolveModels(given.settings, sources);
  const problems = [
    ...given.problems,
    ...given.settings.flatMap(valueProblems),
    ...models.problems,
    ...pairProblems(given.settings),
  ];
  if (problems.length > 0) throw new ConfigError(problems);

  const values: Partial<Record<SettingKey, unknown>> = {};
  for (const key of settingKeys) {
    const schema: SettingSchema = settings[key];
    if (schema.default !== undefined) values[key] = schema.default;
  }
  for (const { key, value, folder } of given.settings) {
    const { unit }: SettingSchema = settings[key];
    values[key] = unit === 'file' ? resolve(folder, String(value)) : value;
  }
  values.models = models.path;
  values.host = hostAddress(String(values.host));
  if (values.managementHost !== undefined) values.managementHost = hostAddress(String(values.managementHost));
  values.cores ??= sources.availableCores ?? availableCores();
  // One waits for its process while another one computes.
  values.loadConcurrency ??= 3 * (values.cores as number);
  values.maxResponseBytes ??= Math.max(
    leastResponseBytes,
    Math.floor((sources.availableMemory ?? availableMemory()) / 4),
  );
  values.responseLimitBytes ??= Math.min(usualResponseLimitBytes, values.maxResponseBytes as number);
  // Every value was checked against the schema that the type is made of.
  const config = Object.freeze(values) as Config;
  const origins = Object.fromEntries(given.settings.map(({ key, origin }) => [key, origin]));
  const warnings = (given.warnings ?? []).filter(({ unlessGiven: key }) => key === undefined || !(key in origins));
  return { config, warnings: warnings.map(({ message }) => message), origins };
}

/** What all sources say; of two settings with one key the later counts. */
function readSources({ argv, env, cwd }: ConfigSources): GivenSettings {
  const flags = readFlags(argv, cwd);
  const environment = readEnvironment(env, cwd);
  const named = flags.file ?? environment.file;
  const sources = [...(named ? [readConfigFile(resolve(cwd, named.path), named.origin)] : []), environment, flags];
  return {
    settings: sources.flatMap((source) => source.settings),
    warnings: sources.flatMap((source) => source.warnings ?? []),
    problems: sources.flatMap((source) => source.problems),
  };
}

/** Settings that mean nothing without others. */
const needed: readonly (readonly [key: SettingKey, other: SettingKey])[] = [
  ['tlsCert', 'tlsKey'],
  ['tlsKey', 'tlsCert'],
  ['tlsClientCa', 'tlsCert'],
  ['managementHost', 'managementPort'],
  ['jwtIssuer', 'jwtAudience'],
  ['jwtIssuer', 'jwtKeys'],
  ['jwtAudience', 'jwtIssuer'],
  ['jwtKeys', 'jwtIssuer'],
];

function pairProblems(given: readonly GivenSetting[]): string[] {
  const origins = new Map(given.map(({ key, origin }) => [key, origin]));
  return needed
    .filter(([key, other]) => origins.has(key) && !origins.has(other))
    .map(([key, other]) => `${origins.get(key)}: expected --${flagName(other)} beside it, got nothing`);
}

const valueProblems = ({ key, value, origin }: GivenSetting): string[] =>
  schemaProblems(settings[key], value).map(({ path, message }) => `${origin}${path && `, item ${path}`}: ${message}`);

function resolveModels(
  given: readonly GivenSetting[],
  { cwd, hasOwnSource = false }: ConfigSources,
): { path: string; problems: string[] } {
  const setting = given.findLast(({ key }) => key === 'models');
  const { value, origin, folder } = setting ?? { value: settings.models.default, origin: 'models', folder: cwd };
  const path = resolve(folder, String(value));
  const isUsable = schemaProblems(settings.models, value).length === 0;
  const mayComeLater = Number(given.findLast(({ key }) => key === 'waitForModelsMs')?.value ?? 0) > 0;
  const problem = isUsable && !mayComeLater && !hasOwnSource ? modelsFolderProblem(path) : undefined;
  return { path, problems: problem === undefined ? [] : [`${origin}: ${problem}`] };
}
