import type { XStatic } from 'typebox/schema';
import { defaultModelConfig, type ModelConfig, type VersionPolicy } from '../core/model-config.js';
import { parseByteSize } from './byte-size.js';
import { detectionSchema, imageSchema } from './image-schema.js';
import type { JsonSchema } from './json-schema.js';
import { parseJsonText } from './json-text.js';
import { schemaProblems } from './schema-problems.js';
import { taskSchema } from './task-schema.js';

const mebibyte = 2 ** 20;

const version = {
  type: 'integer',
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'Number of a version folder.',
} as const;
const count = (description: string) => ({ type: 'integer', minimum: 1, maximum: 1_000_000, description }) as const;
const durationMs = (minimum: number, description: string) =>
  ({ type: 'number', minimum, maximum: 2 ** 31 - 1, description }) as const;
const tolerance = (description: string) => ({ type: 'number', minimum: 0, description }) as const;
const batchSizes = (description: string) =>
  ({ type: 'array', minItems: 1, items: count('Rows.'), description }) as const;

/** JSON Schema of a model's `model.json`; the top-level model.schema.json is a copy of it. */
export const modelConfigSchema = {
  type: 'object',
  properties: {
    $schema: { type: 'string', description: 'Path or address of this schema, for editors.' },
    description: { type: 'string', description: 'What the model does; shown to its clients.' },
    file: {
      type: 'string',
      minLength: 1,
      description:
        'Which file of a version is the model, relative to its folder: "onnx/model_int8.onnx". Found out when absent.',
    },
    variant: {
      type: 'string',
      minLength: 1,
      description:
        'Which of several files of one model is served, by the suffix of its name: "fp16" for model_fp16.onnx, "quantized" for onnx/model_quantized.onnx.',
    },
    outputs: {
      type: 'array',
      minItems: 1,
      items: { type: 'string' },
      description:
        'The outputs that are served, in this order; all of them when absent. What they do not need is not sent from the engine.',
    },
    versionPolicy: {
      anyOf: [
        { enum: ['all'], description: 'Every version.' },
        {
          type: 'object',
          properties: { latest: count('How many of the highest versions.') },
          required: ['latest'],
          additionalProperties: false,
        },
        {
          type: 'object',
          properties: { specific: { type: 'array', minItems: 1, items: version, description: 'Just these versions.' } },
          required: ['specific'],
          additionalProperties: false,
        },
      ],
      default: { latest: 1 },
      description:
        'Which versions are served: {"latest": 2}, "all" or {"specific": [1, 3]}. Labelled versions are served besides.',
    },
    labels: {
      type: 'object',
      propertyNames: { pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' },
      additionalProperties: version,
      description: 'Names for versions, as in {"stable": 3, "canary": 4}; requests may ask for them.',
    },
    batching: {
      enum: ['auto', 'on', 'off'],
      default: 'auto',
      description:
        'Whether requests share runs. "auto": where a trial shows that rows do not influence one another; "on" and "off": without a trial.',
    },
    maxBatchSize: count('Rows in one run, at most; found by measurement when absent.'),
    maxQueueDelayMs: durationMs(0, 'How long the oldest request may wait for company while an engine is free.'),
    preferredBatchSizes: batchSizes('Runs of these sizes start without waiting for maxQueueDelayMs to pass.'),
    allowedBatchSizes: batchSizes('Runs have exactly one of these sizes; smaller batches are padded.'),
    maxQueueRows: count('Rows that may wait; more are rejected with 503.'),
    latencyTargetMs: durationMs(0.01, 'Batches are kept small enough to be computed within this.'),
    instances: {
      type: 'integer',
      minimum: 1,
      maximum: 1024,
      description: 'Copies of the model that compute side by side.',
    },
    spares: {
      type: 'integer',
      minimum: 0,
      maximum: 1024,
      description: 'Copies kept loaded besides, each taking over at once when one dies.',
    },
    threads: { type: 'integer', minimum: 1, maximum: 1024, description: 'Threads inside one operator, per instance.' },
    runTimeoutMs: durationMs(1, 'A run that takes longer is ended together with its engine process.'),
    memoryLimitBytes: {
      anyOf: [
        { type: 'integer', minimum: mebibyte, maximum: Number.MAX_SAFE_INTEGER },
        { type: 'string', pattern: '^\\d+(\\.\\d+)? ?([KMGT]i?B?|B)?$', examples: ['2GiB'] },
      ],
      description: 'Memory that one engine process of this model may use: bytes, or a size such as "2GiB".',
    },
    classLabels: {
      type: 'object',
      additionalProperties: { type: 'array', minItems: 1, items: { anyOf: [{ type: 'string' }, { type: 'number' }] } },
      description:
        'For an output, the names of the positions of its last axis: {"probabilities": ["setosa", "versicolor"]}.',
    },
    task: taskSchema,
    image: imageSchema,
    detection: detectionSchema,
    rollout: {
      type: 'object',
      properties: {
        golden: {
          anyOf: [
            { enum: ['off'], description: 'None are sent.' },
            {
              type: 'object',
              properties: {
                absolute: tolerance('Numbers may differ by so much; default 0.0001.'),
                relative: tolerance('And by so large a part of the expected number; default 0.001.'),
              },
              additionalProperties: false,
            },
          ],
          description:
            'What numbers may differ by in the responses to golden requests, where their files do not say. When absent, integers may not differ at all.',
        },
      },
      additionalProperties: false,
      description: 'How a version comes to serve.',
    },
  },
  additionalProperties: false,
} as const satisfies JsonSchema;

type ModelJson = XStatic<typeof modelConfigSchema>;

/** The settings in the text of a `model.json`, with defaults for the others. Throws an Error that names every problem. */
export const parseModelConfig = (text: string): ModelConfig => ({ ...defaultModelConfig, ...parseModelJson(text) });

/** The settings in the text of a `model.json` alone. Throws an Error that names every problem. */
export function parseModelJson(text: string): Partial<ModelConfig> {
  const json = parseJsonText(text);
  const problems = schemaProblems(modelConfigSchema, json).map(({ path, message }) =>
    path ? `${path}: ${message}` : message,
  );
  if (problems.length === 0) problems.push(...contradictions(json as ModelJson));
  if (problems.length > 0) throw new Error(problems.join('; '));
  return toModelConfig(json as ModelJson);
}

/** What a schema cannot say. */
function contradictions({ maxBatchSize = Infinity, memoryLimitBytes, ...json }: ModelJson): string[] {
  const problems: string[] = [];
  const { file, variant, outputs = [] } = json;
  if (file !== undefined) problems.push(...fileProblems(file));
  if (file !== undefined && variant !== undefined) problems.push('expected "file" or "variant", got both');
  for (const [key, name] of [['file', file], ['variant', variant], ...outputs.map((name) => ['outputs', name])]) {
    if ((name?.length ?? 0) > longestName) problems.push(`${key}: expected a name of up to ${longestName} characters`);
  }
  const twice = outputs.find((name, index) => outputs.indexOf(name) !== index);
  if (twice !== undefined) problems.push(`outputs: expected each name once, got ${JSON.stringify(twice)} twice`);
  for (const key of ['preferredBatchSizes', 'allowedBatchSizes'] as const) {
    const largest = Math.max(0, ...(json[key] ?? []));
    if (largest > maxBatchSize)
      problems.push(`${key}: expected sizes up to maxBatchSize, ${maxBatchSize}, got ${largest}`);
  }
  if (byteCount(memoryLimitBytes) < mebibyte) {
    problems.push(`memoryLimitBytes: expected at least 1MiB, got ${JSON.stringify(memoryLimitBytes)}`);
  }
  return problems;
}

/** Of files and tensors: what is longer is shown in no message. */
const longestName = 1024;

function fileProblems(file: string): string[] {
  const isInside = !file.startsWith('/') && !file.split('/').some((part) => part === '..' || part === '');
  if (!isInside || file.includes('\\') || file.includes('\0')) {
    return ["file: expected a name relative to the version's folder and inside of it"];
  }
  return /\.(onnx|ort)$/i.test(file) ? [] : ['file: expected a name that ends in .onnx or .ort'];
}

const byteCount = (size: number | string | undefined): number =>
  typeof size === 'string' ? (parseByteSize(size) ?? 0) : (size ?? Infinity);

function toModelConfig({ $schema: _, versionPolicy, memoryLimitBytes, ...json }: ModelJson): Partial<ModelConfig> {
  return {
    ...json,
    ...(versionPolicy && { versionPolicy: toVersionPolicy(versionPolicy) }),
    ...(memoryLimitBytes && { memoryLimitBytes: byteCount(memoryLimitBytes) }),
    ...(json.preferredBatchSizes && { preferredBatchSizes: ascending(json.preferredBatchSizes) }),
    ...(json.allowedBatchSizes && { allowedBatchSizes: ascending(json.allowedBatchSizes) }),
  };
}

function toVersionPolicy(policy: NonNullable<ModelJson['versionPolicy']>): VersionPolicy {
  if (policy === 'all') return { kind: 'all' };
  return 'latest' in policy
    ? { kind: 'latest', count: policy.latest }
    : { kind: 'specific', versions: ascending(policy.specific) };
}

const ascending = (numbers: readonly number[]): number[] => [...new Set(numbers)].sort((a, b) => a - b);

/** The text of the top-level model.schema.json, which a `model.json` may name in `$schema`. */
export function publishedModelSchema(): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: "Slipway model.json: a model's own settings, all optional",
    ...modelConfigSchema,
  };
  return `${inlineLists(JSON.stringify(schema, null, 2))}\n`;
}

/** Puts lists without lists or objects in them on one line where it is short enough, as the formatter does. */
const inlineLists = (json: string): string =>
  json.replace(/^(.*)\[\n\s+([^[\]{}]*)\n\s+\]/gm, (whole, before: string, items: string) => {
    const line = `${before}[${items.replace(/\n\s+/g, ' ')}]`;
    return line.length < formattedWidth ? line : whole;
  });

/** A comma may follow. */
const formattedWidth = 120;
