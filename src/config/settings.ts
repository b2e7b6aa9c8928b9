import type { XStatic } from 'typebox/schema';
import { modelNamePattern } from '../core/model-name.js';
import type { SettingSchema } from './json-schema.js';

/** The longest time that Node's timers can wait, about 24 days. */
const longestMs = 2 ** 31 - 1;
const mebibyte = 2 ** 20;

interface GivenLimits {
  readonly minimum: number;
  readonly maximum: number;
  readonly default: number;
}

interface DerivedLimits {
  readonly minimum: number;
  readonly maximum: number;
  /** How the value is found when none is given. */
  readonly defaultText: string;
}

const integer = <const Limits extends GivenLimits | DerivedLimits>(limits: Limits, description: string) =>
  ({ type: 'integer', ...limits, description }) as const;

/** In a file a number or a text such as `64MiB`, elsewhere such a text; a number once read. */
const byteCount = (limits: GivenLimits, description: string) =>
  ({ type: 'integer', unit: 'bytes', ...limits, description }) as const;

const durationMs = (usual: number, description: string) =>
  ({ type: 'integer', minimum: 0, maximum: longestMs, default: usual, description }) as const;

/** A time after which something is given up. */
const patienceMs = (usual: number, description: string) =>
  ({ type: 'integer', minimum: 1, maximum: longestMs, default: usual, description }) as const;

const onOff = (usual: boolean, description: string) => ({ type: 'boolean', default: usual, description }) as const;

const choice = <const Values extends readonly string[]>(values: Values, usual: Values[number], description: string) =>
  ({ enum: values, default: usual, description }) as const;

/**
 * Every setting of the server as JSON Schema, in the order of the documentation. The Config type, environment, flags,
 * configuration file, `--help` and the README's table follow from it. Plain objects, of TypeBox only its types: loading
 * the library would make every start an eighth of a second longer.
 */
export const settings = {
  host: { type: 'string', minLength: 1, default: '0.0.0.0', description: 'Address to listen on.' },
  port: integer({ minimum: 0, maximum: 65535, default: 8080 }, 'Port to listen on; 0 picks a free one.'),
  models: { type: 'string', minLength: 1, default: './models', description: 'Folder with the models.' },
  modelName: {
    type: 'string',
    pattern: modelNamePattern,
    examples: ['iris'],
    description:
      'Serves the models folder itself as one model of this name, as KServe mounts it; without it every model in the folder goes by its own name.',
  },
  cacheDirectory: {
    type: 'string',
    minLength: 1,
    examples: ['/var/cache/slipway'],
    description:
      'Private folder in which rewritten copies of model files are kept from one start to the next. Without it they go into a temporary folder.',
  },
  pollIntervalMs: durationMs(1000, 'How often the models folder is looked at for changes; 0 never.'),
  loadConcurrency: integer(
    { minimum: 1, maximum: 1024, defaultText: 'three times `cores`' },
    'Model versions loaded at the same time.',
  ),
  loadTimeoutMs: patienceMs(120_000, 'A model version that takes longer to load has failed.'),
  readiness: choice(
    ['some', 'all'],
    'some',
    'When `/v2/health/ready` turns 200. `some`: every wanted version has settled (it serves or has failed) and one serves; `all`: all of them serve.',
  ),
  bodyLimitBytes: byteCount(
    { minimum: 1024, maximum: 2048 * mebibyte, default: 64 * mebibyte },
    'Largest request body; a larger one gets 413.',
  ),
  compressFromBytes: byteCount(
    { minimum: 0, maximum: 2048 * mebibyte, default: 16 * 1024 },
    'Answers of so many bytes and more are compressed for callers that accept it; 0 never.',
  ),
  keepAliveTimeoutMs: durationMs(
    620_000,
    'How long an idle connection stays open. Longer than at the gateway, or the connections it reuses fail.',
  ),
  requestTimeoutMs: durationMs(0, 'Deadline of a request that brings none; 0 is none.'),
  runTimeoutMs: patienceMs(60_000, 'A run that takes longer is ended together with its engine process.'),
  drainDelayMs: durationMs(
    0,
    'After SIGTERM, how long to accept requests while saying "not ready", so that gateways notice; on Kubernetes 5000 is a good choice.',
  ),
  drainTimeoutMs: durationMs(25_000, 'After SIGTERM and the delay, how long taken requests may take to finish.'),
  maxQueueRows: integer(
    { minimum: 1, maximum: 1_000_000_000, default: 4096 },
    'Rows that may wait for one model; more are turned away with 503.',
  ),
  maxQueueDelayMs: durationMs(
    0,
    'How long the oldest request may wait for company while an engine is free; 0 sends what waits at once.',
  ),
  maxQueueBytes: byteCount(
    { minimum: mebibyte, maximum: 2 ** 20 * mebibyte, default: 512 * mebibyte },
    'Memory that the waiting requests of all models may hold.',
  ),
  callerHeader: {
    type: 'string',
    pattern: '^[A-Za-z0-9-]{1,64}$',
    examples: ['x-api-key'],
    description:
      "Request header that tells callers apart; they take turns in a queue, however much one of them sends. Without it all requests are one caller's.",
  },
  cores: integer(
    { minimum: 1, maximum: 1024, defaultText: 'what the container may use' },
    'Processor cores to plan engine processes for.',
  ),
  fronts: {
    anyOf: [
      { type: 'integer', minimum: 1, maximum: 64 },
      { type: 'string', enum: ['auto'] },
    ],
    default: 1,
    description:
      'Front processes that share the port, each with engine processes of its own and its part of the cores and queues; `auto` decides by the cores.',
  },
  nonFinite: choice(
    ['null', 'token', 'string'],
    'null',
    'How NaN is written in JSON answers (infinities likewise): `null`, the token `NaN`, or the string `"NaN"`.',
  ),
  logLevel: choice(
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    'info',
    'The least severe lines that are logged.',
  ),
  logSuccessesPerSecond: integer(
    { minimum: 0, maximum: 1_000_000, default: 10 },
    'Log lines for successful requests, at most; failures have a rate of their own.',
  ),
  metricsCompatibility: {
    type: 'array',
    items: { enum: ['triton', 'tensorflow-serving'] },
    default: [],
    description: 'Other servers whose metric names `/metrics` has besides its own.',
  },
  docs: onOff(true, "The API's documentation at `/docs`."),
  modelControl: onOff(true, 'Whether models may be loaded and unloaded through the API.'),
  engineTelemetry: onOff(false, 'Whether onnxruntime may send usage data to its maker.'),
} as const satisfies Record<string, SettingSchema>;

export type Settings = typeof settings;
export type SettingKey = keyof Settings;

/** The value of a setting once read. */
export type SettingValue<Key extends SettingKey> =
  XStatic<Settings[Key]> extends (infer Item)[] ? readonly Item[] : XStatic<Settings[Key]>;

export const settingKeys = Object.keys(settings) as SettingKey[];
