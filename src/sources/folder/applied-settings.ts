import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { defaultModelConfig, type ModelConfig } from '../../core/model-config.js';
import type { ModelContent, SettingsFile } from './scanned.js';

/** How the texts of a model's settings files are read; both throw an Error that says what is wrong. */
export interface SettingsParsers {
  /** `model.json`: counts for more. */
  readonly json: (text: string) => Partial<ModelConfig>;
  /** Triton's `config.pbtxt`. */
  readonly triton: (text: string, modelName: string) => TritonSettings;
}

interface TritonSettings {
  readonly config: Partial<ModelConfig>;
  /** Files with the class labels of an output, one a line, by the output's name. */
  readonly labelFiles: ReadonlyMap<string, string>;
  readonly notes: readonly string[];
}

/** The settings in force for a model. */
export interface AppliedSettings {
  /** Of the files that were read; empty where there are none. */
  readonly stamp: string;
  /** The last valid settings; absent when there never were any. */
  readonly config?: ModelConfig;
  /** What of them is not honoured, a sentence each. */
  readonly notes: readonly string[];
  /** Why the newest files are not in force. */
  readonly problem?: string;
  /** A failure of the system, which may pass: the next scan tries again. */
  readonly isToBeReadAgain?: boolean;
}

/** Reads the files when they are others than before. Files that cannot be used leave the settings as they were. */
export async function applySettings(
  previous: AppliedSettings | undefined,
  name: string,
  content: ModelContent,
  parsers: SettingsParsers,
): Promise<AppliedSettings> {
  const { configFile, tritonFile, sideFiles } = content;
  const stamp = stampOf([configFile, tritonFile, ...(sideFiles?.values() ?? [])]);
  if (previous?.stamp === stamp && previous.isToBeReadAgain !== true) return previous;
  let reading: SettingsFile | undefined;
  const read = (file: SettingsFile): Promise<string> => {
    reading = file;
    return readSettingsFile(file.path);
  };
  try {
    const triton = tritonFile && parsers.triton(await read(tritonFile), name);
    const json = configFile && parsers.json(await read(configFile));
    const labels = triton && (await readLabels(triton, sideFiles, read));
    const notes = [...(triton?.notes ?? []), ...(labels?.notes ?? [])].map((note) => `config.pbtxt: ${note}`);
    return { stamp, config: merged(json, triton?.config, labels?.classLabels), notes };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return {
      stamp,
      isToBeReadAgain: code !== undefined,
      problem: `${basename(reading?.path ?? '')}: ${code ?? message}`,
      notes: previous?.notes ?? [],
      ...(previous?.config && { config: previous.config }),
    };
  }
}

/** What `model.json` says counts for more. */
function merged(
  json: Partial<ModelConfig> = {},
  { file, ...triton }: Partial<ModelConfig> = {},
  labels: ModelConfig['classLabels'] = {},
): ModelConfig {
  const classLabels = { ...labels, ...json.classLabels };
  return {
    ...defaultModelConfig,
    ...triton,
    ...(file !== undefined && json.variant === undefined && { file }),
    ...json,
    ...(Object.keys(classLabels).length > 0 && { classLabels }),
  };
}

const stampOf = (files: readonly (SettingsFile | undefined)[]): string =>
  files.some((file) => file !== undefined) ? files.map((file) => file?.stamp ?? '').join('\n') : '';

async function readLabels(
  { labelFiles }: TritonSettings,
  sideFiles: ModelContent['sideFiles'],
  read: (file: SettingsFile) => Promise<string>,
): Promise<{ readonly classLabels: Record<string, readonly string[]>; readonly notes: readonly string[] }> {
  const classLabels: Record<string, readonly string[]> = {};
  const notes: string[] = [];
  for (const [output, name] of labelFiles) {
    const file = sideFiles?.get(name);
    if (file === undefined) notes.push(`label_filename of "${output}": there is no ${name} beside it`);
    else classLabels[output] = linesOf(await read(file));
  }
  return { classLabels, notes };
}

/** Without the empty ones at the end. */
const linesOf = (text: string): readonly string[] => text.trimEnd().split(/\r?\n/);

const mostBytes = 2 ** 20;

/** The text of a settings file. Rejects when it is longer than 1 MiB, of which it reads no more than that, or not UTF-8. */
export async function readSettingsFile(path: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  // `end` is the position of the last byte: one more than may be there.
  for await (const chunk of createReadStream(path, { end: mostBytes })) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (bytes.length > mostBytes) throw new Error('expected at most 1 MiB, got more');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Error('expected UTF-8 text, got other bytes', { cause });
  }
}
