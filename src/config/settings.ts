import type { XStatic } from 'typebox/schema';
import { modelNamePattern } from '../core/model.js';
import type { SettingSchema } from './json-schema.js';

/** The longest time that Node's timers can wait, about 24 days. */
export const longestMs = 2 ** 31 - 1;
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
const byteCount = <const Limits extends GivenLimits | DerivedLimits>(limits: Limits, description: string) =>
  ({ type: 'integer', unit: 'bytes', ...limits, description }) as const;

const durationMs = (usual: number, description: string) =>
  ({ type: 'integer', minimum: 0, maximum: longestMs, default: usual, description }) as const;

/** A time after which something is given up. */
const patienceMs = (usual: number, description: string) =>
  ({ type: 'integer', minimum: 1, maximum: longestMs, default: usual, description }) as const;

/** A path, from the folder of the configuration file on where it stands there. */
const file = (example: string, description: string) =>
  ({ type: 'string', unit: 'file', minLength: 1, examples: [example], description }) as const;

const onOff = (usual: boolean, description: string) => ({ type: 'boolean', default: usual, description }) as const;

const choice = <const Values extends readonly string[]>(values: Values, usual: Values[number], description: string) =>
  ({ enum: values, default: usual, description }) as const;

/**
 * Every setting of the server as JSON Schema, in the order of the documentation. The Config type, environment, flags,
 * configuration file, `--help` and the table of docs/configuration.md follow from it. Plain objects, of TypeBox only its types: loading
 * the library would make every start an eighth of a second longer.
 */
export const settings = {
  host: {
    type: 'string',
    minLength: 1,
    default: '0.0.0.0',
    description: 'IP address or name to listen on, also `[::]`.',
  },
  port: integer({ minimum: 0, maximum: 65535, default: 8080 }, 'Port to listen on; 0 picks a free one.'),
  grpcPort: {
    type: 'integer',
    minimum: 0,
    maximum: 65535,
    examples: [9000],
    description:
      'Port to listen on for gRPC, beside the one for HTTP; 0 picks a free one. Without it there is no gRPC.',
  },
  models: {
    type: 'string',
    minLength: 1,
    default: './models',
    description: 'Folder with the models, or one model file.',
  },
  allowLinksTo: {
    type: 'array',
    items: { type: 'string', minLength: 1 },
    default: [],
    description:
      'Folders, separated by commas, that links in the models folder may lead to; other links out of it are rejected.',
  },
  modelName: {
    type: 'string',
    pattern: modelNamePattern,
    examples: ['iris'],
    description: 'Serves the models folder itself as one model of this name, as KServe mounts it.',
  },
  cacheDirectory: {
    type: 'string',
    minLength: 1,
    examples: ['/var/cache/slipway'],
    description:
      'Folder that keeps rewritten copies of model files, in a subfolder `slipway-rewritten`, for the next start.',
  },
  waitForModelsMs: durationMs(
    0,
    'How long a missing models folder may take to come before that is an error; the server listens meanwhile and is not ready. 0: a missing folder ends the start. `MODEL_INIT_MODE=async`, as KServe sets it, waits for any time.',
  ),
  pollIntervalMs: durationMs(1000, 'How often the models folder is scanned for changes; 0 never.'),
  loadConcurrency: integer(
    { minimum: 1, maximum: 1024, defaultText: 'three times `cores`' },
    'Model versions loaded at the same time.',
  ),
  loadTimeoutMs: patienceMs(120_000, 'A model version that takes longer to load has failed.'),
  readiness: choice(
    ['some', 'all'],
    'some',
    'When `/v2/health/ready` turns 200. `some`: every wanted version serves or has failed, and one serves; `all`: all serve.',
  ),
  readyWhenEmpty: onOff(false, 'Whether a server without a model is ready.'),
  bodyLimitBytes: byteCount(
    { minimum: 1024, maximum: 2048 * mebibyte, default: 64 * mebibyte },
    'Largest request body; a larger one gets 413.',
  ),
  responseLimitBytes: byteCount(
    { minimum: 1024, maximum: 2047 * mebibyte, defaultText: '256MiB, or `maxResponseBytes` where that is less' },
    "Largest response, as the model's tensors and as the caller gets them; a larger one is a 429.",
  ),
  maxResponseBytes: byteCount(
    {
      minimum: mebibyte,
      maximum: 2 ** 20 * mebibyte,
      defaultText: 'a quarter of the memory that the container may use',
    },
    'Memory that large responses may hold together; beyond it they are a 503. Callers who take nothing for 30 seconds are cut off.',
  ),
  compressFromBytes: byteCount(
    { minimum: 0, maximum: 2048 * mebibyte, default: 16 * 1024 },
    'Responses of so many bytes and more are compressed for callers that accept it; 0 never.',
  ),
  keepAliveTimeoutMs: durationMs(620_000, 'How long an idle connection stays open: longer than at the gateway.'),
  requestTimeoutMs: durationMs(0, 'Deadline of a request that brings none; 0 is none.'),
  runTimeoutMs: patienceMs(60_000, 'A run that takes longer is ended together with its engine process.'),
  drainDelayMs: durationMs(0, 'After SIGTERM, how long to accept requests while not ready; on Kubernetes 5000.'),
  drainTimeoutMs: durationMs(25_000, 'After SIGTERM and the delay, how long taken requests may take to finish.'),
  maxQueueRows: integer(
    { minimum: 1, maximum: 1_000_000_000, default: 4096 },
    'Rows that may wait for one model; more are rejected with 503.',
  ),
  maxQueueDelayMs: durationMs(0, 'How long the oldest request may wait for company while an engine is free.'),
  verifyBatches: onOff(
    true,
    'Whether a row of a batch is run again alone now and then; where its result differs, the version is not batched any more.',
  ),
  maxQueueBytes: byteCount(
    { minimum: mebibyte, maximum: 2 ** 20 * mebibyte, default: 512 * mebibyte },
    'Memory that the waiting requests of all models may hold.',
  ),
  callerHeader: {
    type: 'string',
    pattern: '^[A-Za-z0-9-]{1,64}$',
    examples: ['x-api-key'],
    description: 'Request header that tells callers apart, who then take turns in a queue.',
  },
  cores: integer(
    { minimum: 1, maximum: 1024, defaultText: 'what the container may use' },
    'Processor cores to plan engine processes for.',
  ),
  workers: {
    anyOf: [
      { type: 'integer', minimum: 1, maximum: 64 },
      { type: 'string', enum: ['auto'] },
    ],
    default: 1,
    description:
      'Worker processes that share the port, each with its own engine processes and its part of the cores; `auto` decides by the cores.',
  },
  nonFinite: choice(
    ['null', 'token', 'string'],
    'null',
    'How NaN (infinities likewise) is written in JSON: `null`, the token `NaN`, or the string `"NaN"`.',
  ),
  logLevel: choice(
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    'info',
    'The least severe lines that are logged.',
  ),
  logSuccessesPerSecond: integer(
    { minimum: 0, maximum: 1_000_000, default: 10 },
    'Log lines for successful requests, at most.',
  ),
  metricsCompatibility: {
    type: 'array',
    items: { enum: ['triton', 'tensorflow-serving'] },
    default: [],
    description: 'Other servers whose metric names `/metrics` has besides its own.',
  },
  metricsBuckets: choice(
    ['auto', 'all', 'few', 'none'],
    'auto',
    'How much of the histograms `/metrics` has: every bucket, every third, or sums and counts alone. `auto`: all up to 100 versions, few up to 250, none beyond.',
  ),
  endpointLoadMetrics: choice(
    ['on-request', 'text', 'json', 'off'],
    'on-request',
    "When responses say how busy the server is, in ORCA's header `endpoint-load-metrics`. `on-request`: to requests with `endpoint-load-metrics-format: text` or `json`. gRPC has it in its trailers.",
  ),
  targetSaturation: {
    type: 'number',
    minimum: 0.05,
    maximum: 1,
    default: 0.7,
    description: 'How full a server should be, for `slipway_replicas_wanted`; full is 1.',
  },
  docs: onOff(true, "The API's documentation at `/docs`."),
  page: onOff(true, 'The page to try models on, at `/` for browsers; all others get JSON there.'),
  modelControl: {
    anyOf: [{ type: 'boolean' }, { type: 'string', enum: ['loopback'] }],
    default: 'loopback',
    description:
      'Who may load and unload models. `loopback`: callers on this machine; `true`, or the flag alone: everybody who reaches the port; `false`: nobody. With `keys` it is a matter of scopes.',
  },
  metricsAccess: {
    anyOf: [{ type: 'boolean' }, { type: 'string', enum: ['loopback'] }],
    default: 'loopback',
    description: 'Who may see `/metrics` where there are no `keys`, as `modelControl` has it.',
  },
  keys: file(
    '/etc/slipway/keys.json',
    'JSON file of API keys: with it every call but health checks needs one. `slipway key create` makes keys. See docs/security.md.',
  ),
  jwtIssuer: {
    type: 'string',
    minLength: 1,
    examples: ['https://accounts.example'],
    description: 'Issuer of JSON web tokens (`iss`), which callers may show in the place of keys.',
  },
  jwtAudience: {
    type: 'string',
    minLength: 1,
    examples: ['slipway'],
    description: 'For whom tokens have to be (`aud`).',
  },
  jwtKeys: {
    type: 'string',
    minLength: 1,
    examples: ['https://accounts.example/jwks.json'],
    description: "The issuer's keys (JWKS): an address, or a file, which is read again when it changes.",
  },
  jwtScopeClaim: {
    type: 'string',
    minLength: 1,
    default: 'scope',
    description: 'The claim of a token that lists its scopes.',
  },
  managementPort: {
    type: 'integer',
    minimum: 0,
    maximum: 65535,
    examples: [8081],
    description:
      'Port for operators: metrics, loading and unloading, shared memory and `/docs` are there, no longer at `port`. 0 picks a free one.',
  },
  managementHost: {
    type: 'string',
    minLength: 1,
    examples: ['127.0.0.1'],
    description: 'IP address or name to listen on for operators. Without it `host`.',
  },
  corsOrigins: {
    type: 'array',
    items: { type: 'string', pattern: '^https?://[A-Za-z0-9.:\\[\\]-]+$', examples: ['https://app.example'] },
    default: [],
    description: 'Origins whose web pages may call, separated by commas.',
  },
  tlsCert: file(
    '/etc/slipway/tls/tls.crt',
    'PEM file of the certificate and those between it and the root: HTTP and gRPC then speak TLS only. Read again when it changes.',
  ),
  tlsKey: file('/etc/slipway/tls/tls.key', "PEM file of the certificate's key."),
  tlsClientCa: file(
    '/etc/slipway/tls/ca.crt',
    'PEM file of authorities: callers need a certificate that one of them signed.',
  ),
  modelUploads: onOff(
    false,
    "Whether a request to load may bring the model's files, as clients of Triton send them. One worker only.",
  ),
  sharedMemory: onOff(
    false,
    'Whether programs on this machine may pass tensors in `/dev/shm`, as clients of Triton do.',
  ),
  engineTelemetry: onOff(false, 'Whether onnxruntime may send usage data to its maker.'),
} as const satisfies Record<string, SettingSchema>;

export type Settings = typeof settings;
export type SettingKey = keyof Settings;

/** The value of a setting once read. */
export type SettingValue<Key extends SettingKey> =
  XStatic<Settings[Key]> extends (infer Item)[] ? readonly Item[] : XStatic<Settings[Key]>;

export const settingKeys = Object.keys(settings) as SettingKey[];
