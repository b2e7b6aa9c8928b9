import type { XStatic } from 'typebox/schema';
import { defaultModelConfig, type ModelConfig, type VersionPolicy } from '../core/model-config.js';
import { parseByteSize } from './byte-size.js';
import type { JsonSchema } from './json-schema.js';
import { parseJsonText } from './json-text.js';
import { schemaProblems } from './schema-problems.js';

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
const batchSizes = (description: string) =>
  ({ type: 'array', minItems: 1, items: count('Rows.'), description }) as const;

/** JSON Schema of a model's `model.json`; the top-level model.schema.json is a copy of it. */
export const modelConfigSchema = {
  type: 'object',
  properties: {
    $schema: { type: 'string', description: 'Path or address of this schema, for editors.' },
    description: { type: 'string', description: 'What the model does; shown to its clients.' },
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
    maxQueueRows: count('Rows that may wait; more are turned away with 503.'),
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
  },
  additionalProperties: false,
} as const satisfies JsonSchema;

type ModelJson = XStatic<typeof modelConfigSchema>;

/** The settings in the text of a `model.json`. Throws an Error that names every problem. */
export function parseModelConfig(text: string): ModelConfig {
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

const byteCount = (size: number | string | undefined): number =>
  typeof size === 'string' ? (parseByteSize(size) ?? 0) : (size ?? Infinity);

function toModelConfig({ $schema: _, versionPolicy, memoryLimitBytes, ...json }: ModelJson): ModelConfig {
  return {
    ...defaultModelConfig,
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
