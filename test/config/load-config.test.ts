import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ConfigError } from '../../src/config/config.js';
import { loadConfig, readSettings } from '../../src/config/load-config.js';

const cwd = mkdtempSync(join(tmpdir(), 'slipway-config-'));
after(() => rmSync(cwd, { recursive: true }));
mkdirSync(join(cwd, 'models'));
mkdirSync(join(cwd, 'etc/other'), { recursive: true });

interface Given {
  readonly flags?: string;
  readonly env?: Record<string, string>;
  readonly file?: unknown;
}

function load({ flags = '', env = {}, file }: Given) {
  const argv = flags.split(' ').filter(Boolean);
  if (file !== undefined) {
    writeFileSync(join(cwd, 'etc/slipway.json'), typeof file === 'string' ? file : JSON.stringify(file));
    argv.push('--config', 'etc/slipway.json');
  }
  return loadConfig({ env, argv, cwd, availableCores: 3, availableMemory: 2 ** 32 });
}

function problemsOf(given: Given): readonly string[] {
  try {
    load(given);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    for (const problem of error.problems) assert.ok(error.message.includes(problem));
    return error.problems.map((problem) => problem.replaceAll(cwd, '~'));
  }
  return [];
}

test('without any settings the defaults hold', () => {
  assert.deepEqual(load({}), {
    host: '0.0.0.0',
    port: 8080,
    models: join(cwd, 'models'),
    waitForModelsMs: 0,
    pollIntervalMs: 1000,
    loadConcurrency: 9,
    maxResponseBytes: 2 ** 30,
    responseLimitBytes: 256 * 1024 * 1024,
    loadTimeoutMs: 120_000,
    readiness: 'some',
    readyWhenEmpty: false,
    bodyLimitBytes: 64 * 1024 * 1024,
    compressFromBytes: 16 * 1024,
    keepAliveTimeoutMs: 620_000,
    requestTimeoutMs: 0,
    runTimeoutMs: 60_000,
    drainDelayMs: 0,
    drainTimeoutMs: 25_000,
    maxQueueRows: 4096,
    maxQueueDelayMs: 0,
    verifyBatches: true,
    maxQueueBytes: 512 * 1024 * 1024,
    cores: 3,
    workers: 1,
    nonFinite: 'null',
    logLevel: 'info',
    logSuccessesPerSecond: 10,
    metricsCompatibility: [],
    metricsBuckets: 'auto',
    endpointLoadMetrics: 'on-request',
    targetSaturation: 0.7,
    docs: true,
    page: true,
    allowLinksTo: [],
    modelControl: 'loopback',
    metricsAccess: 'loopback',
    corsOrigins: [],
    jwtScopeClaim: 'scope',
    modelUploads: false,
    sharedMemory: false,
    engineTelemetry: false,
  });
});

test('the result is frozen', () => {
  assert.ok(Object.isFrozen(load({})));
});

test('flags count for more than the environment, that for more than the file, that for more than the defaults', () => {
  const file = { port: 1, drainDelayMs: 1, maxQueueRows: 1 };
  const config = load({ file, env: { SLIPWAY_PORT: '2', SLIPWAY_DRAIN_DELAY_MS: '2' }, flags: '--port 3' });
  assert.deepEqual([config.port, config.drainDelayMs, config.maxQueueRows, config.maxQueueDelayMs], [3, 2, 1, 0]);
});

test('SLIPWAY_PORT counts for more than PORT, which a platform may have set', () => {
  assert.equal(load({ env: { PORT: '5000' } }).port, 5000);
  assert.equal(load({ env: { PORT: '5000', SLIPWAY_PORT: '6000' } }).port, 6000);
  assert.equal(load({ env: { HOST: '::1', SLIPWAY_HOST: '127.0.0.1' } }).host, '127.0.0.1');
});

const texts: readonly [flags: string, key: string, value: unknown][] = [
  ['--port 0', 'port', 0],
  ['--port=0', 'port', 0],
  ['--port 1 --port 2', 'port', 2],
  ['--body-limit-bytes 1048576', 'bodyLimitBytes', 1_048_576],
  ['--body-limit-bytes 10MiB', 'bodyLimitBytes', 10_485_760],
  ['--body-limit-bytes=1.5MB', 'bodyLimitBytes', 1_500_000],
  ['--max-queue-bytes 1Gi', 'maxQueueBytes', 1_073_741_824],
  ['--no-docs', 'docs', false],
  ['--docs=off', 'docs', false],
  ['--engine-telemetry', 'engineTelemetry', true],
  ['--engine-telemetry yes --host ::', 'engineTelemetry', true],
  ['--readiness all', 'readiness', 'all'],
  ['--metrics-compatibility triton,tensorflow-serving', 'metricsCompatibility', ['triton', 'tensorflow-serving']],
  ['--cores 1', 'loadConcurrency', 3],
  ['--model-name iris', 'modelName', 'iris'],
  ['--model-control', 'modelControl', true],
  ['--model-control --port 0', 'modelControl', true],
  ['--no-model-control', 'modelControl', false],
  ['--model-control loopback', 'modelControl', 'loopback'],
];

for (const [flags, key, value] of texts) {
  test(`${flags} gives ${key} ${JSON.stringify(value)}`, () => {
    assert.deepEqual(new Map(Object.entries(load({ flags }))).get(key), value);
  });
}

test('an empty variable is as good as none', () => {
  assert.equal(load({ env: { PORT: '', SLIPWAY_DOCS: '', SLIPWAY_CONFIG: '' } }).port, 8080);
});

test('variables that Kubernetes makes for a service named slipway are not settings', () => {
  const env = {
    SLIPWAY_PORT: 'tcp://10.0.0.7:80',
    SLIPWAY_SERVICE_HOST: '10.0.0.7',
    SLIPWAY_SERVICE_PORT: '80',
    SLIPWAY_SERVICE_PORT_HTTP: '80',
    SLIPWAY_PORT_80_TCP: 'tcp://10.0.0.7:80',
    SLIPWAY_PORT_80_TCP_ADDR: '10.0.0.7',
    SLIPWAY_GATEWAY_PORT: 'tcp://10.0.0.8:80',
  };
  assert.equal(load({ env }).port, 8080);
});

test('a file may hold sizes as texts and a $schema', () => {
  const config = load({
    file: { $schema: 'x', bodyLimitBytes: '2MiB', docs: false, metricsCompatibility: ['triton'] },
  });
  assert.deepEqual([config.bodyLimitBytes, config.docs, config.metricsCompatibility], [2_097_152, false, ['triton']]);
});

test('the file is named by SLIPWAY_CONFIG as well', () => {
  writeFileSync(join(cwd, 'named.json'), '{"port": 77}');
  assert.equal(load({ env: { SLIPWAY_CONFIG: 'named.json' } }).port, 77);
});

test('a path in a flag starts in the working folder, one in the file in the folder of the file', () => {
  assert.equal(load({ flags: '--models etc' }).models, join(cwd, 'etc'));
  assert.equal(load({ file: { models: 'other' } }).models, join(cwd, 'etc/other'));
  assert.equal(load({ file: { models: '../models' } }).models, join(cwd, 'models'));
});

const mistakes: readonly [what: string, given: Given, problems: readonly string[]][] = [
  [
    'no number',
    { env: { PORT: '80a' } },
    ['environment variable PORT: expected an integer from 0 to 65535, got "80a"'],
  ],
  ['a number out of range', { flags: '--port 65536' }, ['--port: expected an integer from 0 to 65535, got 65536']],
  ['a negative number', { flags: '--port -1' }, ['--port: expected an integer from 0 to 65535, got -1']],
  [
    'a fraction',
    { file: { port: 1.5 } },
    ['"port" in ~/etc/slipway.json: expected an integer from 0 to 65535, got 1.5'],
  ],
  [
    'a time beyond what timers can wait',
    { flags: '--drain-timeout-ms 2147483648' },
    ['--drain-timeout-ms: expected an integer from 0 to 2147483647, got 2147483648'],
  ],
  [
    'a text for a number in the file',
    { file: { port: '80' } },
    ['"port" in ~/etc/slipway.json: expected an integer from 0 to 65535, got "80"'],
  ],
  [
    'a size out of range',
    { flags: '--body-limit-bytes 4GiB' },
    ['--body-limit-bytes: expected a number of bytes or a size such as 64MiB, from 1KiB to 2GiB, got 4GiB'],
  ],
  [
    'no size',
    { flags: '--body-limit-bytes lots' },
    ['--body-limit-bytes: expected a number of bytes or a size such as 64MiB, from 1KiB to 2GiB, got "lots"'],
  ],
  [
    'no choice',
    { env: { SLIPWAY_READINESS: 'most' } },
    ['environment variable SLIPWAY_READINESS: expected "some" or "all", got "most"'],
  ],
  [
    'no truth',
    { env: { SLIPWAY_DOCS: 'maybe' } },
    ['environment variable SLIPWAY_DOCS: expected true or false, got "maybe"'],
  ],
  ['a member of every object', { flags: '--docs=constructor' }, ['--docs: expected true or false, got "constructor"']],
  ['an unusable name', { flags: '--model-name a/b' }, ['--model-name: expected a text such as "iris", got "a/b"']],
  [
    'an item that is no choice',
    { file: { metricsCompatibility: ['triton', 'tfs'] } },
    ['"metricsCompatibility" in ~/etc/slipway.json, item [1]: expected "triton" or "tensorflow-serving", got "tfs"'],
  ],
  ['an unknown flag', { flags: '--prot 1' }, ['--prot: there is no such flag; did you mean --port?']],
  [
    'a flag without its unit',
    { flags: '--poll-interval=1' },
    ['--poll-interval: there is no such flag; did you mean --poll-interval-ms?'],
  ],
  ['a flag with one dash', { flags: '-port 1' }, ['-port: there is no such flag; did you mean --port?']],
  ['a flag that cannot be negated', { flags: '--no-port' }, ['--no-port: there is no such flag; did you mean --port?']],
  ['a flag like nothing', { flags: '--zzzzzzz' }, ['--zzzzzzz: there is no such flag']],
  ['a flag without its value', { flags: '--port --no-docs' }, ['--port: expected a value after it, got nothing']],
  ['an empty value', { flags: '--host=' }, ['--host: expected a value after it, got nothing']],
  [
    'a second text that belongs to no flag',
    { flags: 'models etc' },
    ['"etc": expected a flag here; "models" is what is served already'],
  ],
  [
    'a file that is no model',
    { flags: 'etc/slipway.json', file: {} },
    [
      '"etc/slipway.json": ~/etc/slipway.json is a file; expected the folder that the model files are in, or a file NAME.onnx',
    ],
  ],
  [
    'a path that is not there',
    { flags: 'elsewhere.onnx' },
    ['"elsewhere.onnx": there is no file ~/elsewhere.onnx; name a model file, or a folder with models'],
  ],
  [
    'an unknown key',
    { file: { bodyLimit: 1 } },
    ['"bodyLimit" in ~/etc/slipway.json: there is no such key; did you mean bodyLimitBytes?'],
  ],
  [
    'a hostile key',
    { file: '{"__proto__": {"port": 1}}' },
    ['"__proto__" in ~/etc/slipway.json: there is no such key'],
  ],
  [
    'a file that is no object',
    { file: '[]' },
    ['~/etc/slipway.json: expected a JSON object such as {"port": 8080}, got []'],
  ],
  [
    'a file that is no JSON',
    { file: '{\n  "port": 80,,\n}' },
    [
      '--config: cannot read ~/etc/slipway.json: not valid JSON: Expected double-quoted property name at line 2, column 14',
    ],
  ],
  [
    'a file that is not there',
    { flags: '--config nowhere.json' },
    ["--config: cannot read ~/nowhere.json: ENOENT: no such file or directory, open '~/nowhere.json'"],
  ],
  [
    'a models folder that is a file',
    { file: {}, flags: '--models etc/slipway.json' },
    ['--models: ~/etc/slipway.json is a file; expected the folder that the model files are in, or a file NAME.onnx'],
  ],
];

for (const [what, given, problems] of mistakes) {
  test(`rejected, naming place, expectation and what came: ${what}`, () => {
    assert.deepEqual(problemsOf(given), problems);
  });
}

test('problems of every source are reported at once, overridden settings included', () => {
  const given = { file: { prot: 1, port: 'x' }, env: { SLIPWAY_PORT: 'y' }, flags: '--port 70000 --nodocs' };
  const problems = problemsOf(given);
  assert.equal(problems.length, 5);
  for (const part of ['prot', '"x"', '"y"', '70000', '--nodocs']) {
    assert.equal(problems.filter((problem) => problem.includes(part)).length, 1, part);
  }
});

test('a models folder that does not exist is rejected with what to do about it', () => {
  const [problem] = problemsOf({ flags: '--models nowhere' });
  assert.match(problem!, /^--models: the folder ~\/nowhere does not exist; create it or name another, --models DIR/);
});

test('a working folder without models is rejected rather than served from elsewhere', () => {
  const empty = join(cwd, 'etc/other');
  assert.throws(() => loadConfig({ env: {}, argv: [], cwd: empty, availableCores: 1 }), {
    name: 'ConfigError',
    message: new RegExp(`models: the folder ${join(empty, 'models')} does not exist`),
  });
});

test('a models folder that may not be read is rejected', {
  skip: process.getuid?.() === 0 && 'root may read it',
}, () => {
  mkdirSync(join(cwd, 'closed'));
  chmodSync(join(cwd, 'closed'), 0);
  assert.match(problemsOf({ flags: '--models closed' })[0]!, /closed to user \d+/);
});

test('the number of workers is a number, or decided by the cores', () => {
  assert.equal(load({ flags: '--workers 4' }).workers, 4);
  assert.equal(load({ env: { SLIPWAY_WORKERS: 'auto' } }).workers, 'auto');
  assert.equal(load({ file: { workers: 'auto' } }).workers, 'auto');
  for (const workers of ['0', '65', 'many', '1.5']) {
    assert.throws(
      () => load({ flags: `--workers ${workers}` }),
      /--workers: expected an integer from 1 to 64 or "auto", got/,
    );
  }
});

const warningsOf = (env: Record<string, string>, argv: readonly string[] = []): readonly string[] =>
  readSettings({ env, argv, cwd, availableCores: 1 }).warnings;

test('an unknown SLIPWAY_ variable is a warning: deployments share their environment', () => {
  assert.deepEqual(warningsOf({ SLIPWAY_MODLES: 'x' }), [
    'environment variable SLIPWAY_MODLES: there is no such setting; did you mean SLIPWAY_MODELS?',
  ]);
  assert.deepEqual(warningsOf({ SLIPWAY_PORT: '1', PATH: '/bin' }), []);
});

test('a HOST that is no address is passed over with a warning, SLIPWAY_HOST is not', () => {
  const conda = { HOST: 'x86_64-conda-linux-gnu' };
  assert.equal(load({ env: conda }).host, '0.0.0.0');
  assert.match(
    warningsOf(conda)[0] ?? '',
    /HOST: expected an IP address .* got "x86_64-conda-linux-gnu".*SLIPWAY_HOST/,
  );
  assert.deepEqual(warningsOf({ ...conda, SLIPWAY_HOST: '127.0.0.1' }), []);
  assert.deepEqual(warningsOf(conda, ['--host', '::1']), []);
  for (const host of ['127.0.0.1', '::', '[::1]', 'localhost']) assert.deepEqual(warningsOf({ HOST: host }), []);
  assert.equal(load({ env: { SLIPWAY_HOST: 'some-name' } }).host, 'some-name');
});

test('an IPv6 address may have brackets', () => {
  assert.equal(load({ flags: '--host [::]' }).host, '::');
  assert.equal(load({ env: { HOST: '[::1]' } }).host, '::1');
  assert.equal(load({ flags: '--host [name]' }).host, '[name]');
});

test('each setting knows where it came from', () => {
  const { origins } = readSettings({ env: { PORT: '1', SLIPWAY_PORT: '2' }, argv: ['--host', '::1'], cwd });
  assert.deepEqual(origins, { port: 'environment variable SLIPWAY_PORT', host: '--host' });
});

test('a configuration file of any size is not read into memory', () => {
  const file = `{"port": 1}${' '.repeat(2 ** 20)}`;
  assert.match(problemsOf({ file })[0] ?? '', /expected at most 1048576 bytes/);
});

test('settings that mean nothing alone say which other one they need; files lie where their setting stands', () => {
  assert.deepEqual(problemsOf({ flags: '--tls-cert tls.crt' }), [
    '--tls-cert: expected --tls-key beside it, got nothing',
  ]);
  assert.deepEqual(problemsOf({ env: { SLIPWAY_TLS_CLIENT_CA: 'ca.crt' } }), [
    'environment variable SLIPWAY_TLS_CLIENT_CA: expected --tls-cert beside it, got nothing',
  ]);
  const { tlsCert, tlsKey } = load({ file: { tlsCert: 'tls.crt' }, flags: '--tls-key tls.key' });
  assert.deepEqual([tlsCert, tlsKey], [join(cwd, 'etc/tls.crt'), join(cwd, 'tls.key')]);
});

test('a path without a flag is what is served: a folder with models, a file, a folder that is one model itself', () => {
  mkdirSync(join(cwd, 'minilm/onnx'), { recursive: true });
  mkdirSync(join(cwd, 'iris/2'), { recursive: true });
  mkdirSync(join(cwd, 'bare'), { recursive: true });
  for (const file of ['models/a.onnx', 'bare/model.onnx']) writeFileSync(join(cwd, file), '');
  for (const [path, modelName] of [
    ['models', undefined],
    ['models/a.onnx', undefined],
    ['minilm/', 'minilm'],
    ['iris', 'iris'],
    ['bare', 'bare'],
  ] as const) {
    const config = load({ flags: `${path} --port 1234` });
    assert.deepEqual(
      [config.models, config.modelName, config.port],
      [join(cwd, path).replace(/\/$/, ''), modelName, 1234],
    );
  }
  assert.equal(load({ flags: 'minilm --model-name other' }).modelName, 'other');
});
