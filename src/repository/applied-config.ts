import { basename } from 'node:path';
import { defaultModelConfig, type ModelConfig } from '../core/model-config.js';
import { readModelConfigFile } from './model-config-file.js';
import type { ModelContent } from './sighting.js';

export type ParseModelConfig = (text: string) => ModelConfig;

/** The settings in force for a model. */
export interface AppliedConfig {
  /** Of the file that was read; empty where there is none. */
  readonly stamp: string;
  /** The last valid settings; absent when there never were any. */
  readonly config?: ModelConfig;
  /** Why the newest file is not in force. */
  readonly problem?: string;
}

/** Reads the file when it is another one than before. A file that cannot be used leaves the settings as they were. */
export async function applyConfig(
  previous: AppliedConfig | undefined,
  { configFile }: ModelContent,
  parse: ParseModelConfig,
): Promise<AppliedConfig> {
  const stamp = configFile?.stamp ?? '';
  if (previous?.stamp === stamp) return previous;
  if (configFile === undefined) return { stamp, config: defaultModelConfig };
  try {
    return { stamp, config: parse(await readModelConfigFile(configFile.path)) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return {
      // A failure of the system may pass: the next look tries again.
      stamp: code === undefined ? stamp : 'unread',
      problem: `${basename(configFile.path)}: ${code ?? message}`,
      ...(previous?.config && { config: previous.config }),
    };
  }
}
