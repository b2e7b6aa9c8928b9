import { resolve } from 'node:path';
import { availableCores } from './available-cores.js';
import type { Config } from './config.js';
import { ConfigError } from './config-error.js';
import type { GivenSetting, GivenSettings } from './given-setting.js';
import type { SettingSchema } from './json-schema.js';
import { modelsFolderProblem } from './models-folder.js';
import { readConfigFile } from './read-config-file.js';
import { readEnvironment } from './read-environment.js';
import { readFlags } from './read-flags.js';
import { schemaProblems } from './schema-problems.js';
import { type SettingKey, settingKeys, settings } from './settings.js';

export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The flags, without the program's name and the command. */
  readonly argv: readonly string[];
  readonly cwd: string;
  /** Found from the container's limits when absent. */
  readonly availableCores?: number;
}

/** Flags count for more than the environment, that for more than the file. Throws ConfigError with every problem. */
export function loadConfig(sources: ConfigSources): Config {
  const given = readSources(sources);
  const models = resolveModels(given.settings, sources.cwd);
  const problems = [...given.problems, ...given.settings.flatMap(valueProblems), ...models.problems];
  if (problems.length > 0) throw new ConfigError(problems);

  const values: Partial<Record<SettingKey, unknown>> = {};
  for (const key of settingKeys) {
    const schema: SettingSchema = settings[key];
    if (schema.default !== undefined) values[key] = schema.default;
  }
  for (const { key, value } of given.settings) values[key] = value;
  values.models = models.path;
  values.cores ??= sources.availableCores ?? availableCores();
  // One waits for its process while another one computes.
  values.loadConcurrency ??= 3 * (values.cores as number);
  // Every value was checked against the schema that the type is made of.
  return Object.freeze(values) as Config;
}

/** What all sources say; of two settings with one key the later counts. */
function readSources({ argv, env, cwd }: ConfigSources): GivenSettings {
  const flags = readFlags(argv, cwd);
  const environment = readEnvironment(env, cwd);
  const named = flags.file ?? environment.file;
  const sources = [...(named ? [readConfigFile(resolve(cwd, named.path), named.origin)] : []), environment, flags];
  return {
    settings: sources.flatMap((source) => source.settings),
    problems: sources.flatMap((source) => source.problems),
  };
}

const valueProblems = ({ key, value, origin }: GivenSetting): string[] =>
  schemaProblems(settings[key], value).map(({ path, message }) => `${origin}${path && `, item ${path}`}: ${message}`);

function resolveModels(given: readonly GivenSetting[], cwd: string): { path: string; problems: string[] } {
  const setting = given.findLast(({ key }) => key === 'models');
  const { value, origin, folder } = setting ?? { value: settings.models.default, origin: 'models', folder: cwd };
  const path = resolve(folder, String(value));
  const isUsable = schemaProblems(settings.models, value).length === 0;
  const problem = isUsable ? modelsFolderProblem(path) : undefined;
  return { path, problems: problem === undefined ? [] : [`${origin}: ${problem}`] };
}
