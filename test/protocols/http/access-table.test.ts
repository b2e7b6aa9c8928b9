import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { type Scope, scopes } from '../../../src/core/access.js';
import { accessKey, authenticationBy, secretOf } from '../../support/access-keys.js';
import { openapiOperations } from '../openapi/openapi-operations.js';
import { startTestServer } from '../test-server.js';

/** What every operation of the API asks of its callers, by its id. One that is not here fails the test. */
const rules: Readonly<Record<Scope | 'open', readonly string[]>> = {
  open: ['healthz', 'livez', 'readyz', 'serverLive', 'serverReady'],
  infer: [
    'predict',
    'predictPath',
    'predictVersion',
    'predictVersionPath',
    'predictLabel',
    'predictLabelPath',
    'classify',
    'classifyVersion',
    'classifyLabel',
    'regress',
    'regressVersion',
    'regressLabel',
    'infer',
    'inferVersion',
    'embeddings',
    'rerank',
    'huggingFace',
  ],
  read: [
    'welcome',
    'listModels',
    'modelStatus',
    'modelStatusVersion',
    'modelStatusLabel',
    'modelMetadata',
    'modelMetadataVersion',
    'modelMetadataLabel',
    'modelDocument',
    'modelClient',
    'client',
    'serverMetadata',
    'inferMetadata',
    'inferMetadataVersion',
    'modelConfig',
    'modelConfigVersion',
    'modelStatistics',
    'modelStatisticsVersion',
    'modelReady',
    'modelReadyVersion',
    'modelNames',
    'allStatistics',
    'repositoryIndex',
    'systemSharedMemoryStatus',
    'systemSharedMemoryRegionStatus',
    'cudaSharedMemoryStatus',
    'cudaSharedMemoryRegionStatus',
    'traceSettings',
    'logSettings',
    'modelTraceSettings',
  ],
  control: [
    'loadModel',
    'unloadModel',
    'systemSharedMemoryUnregister',
    'systemSharedMemoryUnregisterRegion',
    'systemSharedMemoryRegister',
    'cudaSharedMemoryUnregister',
    'cudaSharedMemoryUnregisterRegion',
    'cudaSharedMemoryRegister',
    'traceSettingsUpdate',
    'logSettingsUpdate',
    'modelTraceSettingsUpdate',
  ],
  metrics: ['metrics', 'servingMetrics'],
};

const needed = new Map(
  Object.entries(rules).flatMap(([rule, ids]) => ids.map((id) => [id, rule as Scope | 'open'] as const)),
);

const keyed = () =>
  authenticationBy(
    ...scopes.map((scope) => accessKey(scope, [scope])),
    accessKey('elsewhere', scopes, { models: ['other*'] }),
  );

interface Caller {
  readonly about: string;
  readonly from: Partial<InjectOptions>;
  /** What it is told of a call that needs this; undefined where it gets through. */
  readonly denied: (rule: Scope | 'open', namesModel: boolean) => number | undefined;
}

const local = { remoteAddress: '127.0.0.1', headers: { host: 'localhost' } };
const remote = { remoteAddress: '192.0.2.1', headers: { host: 'models.example' } };
const withKey = (id: string) => ({
  ...remote,
  headers: { ...remote.headers, authorization: `Bearer ${secretOf(id)}` },
});
const isOperators = (rule: string): boolean => rule === 'control' || rule === 'metrics';

const withoutKeys: readonly Caller[] = [
  { about: 'a program on this machine', from: local, denied: () => undefined },
  { about: 'a caller from elsewhere', from: remote, denied: (rule) => (isOperators(rule) ? 403 : undefined) },
  {
    about: 'a proxy on this machine',
    from: { ...local, headers: { ...local.headers, 'x-forwarded-for': '127.0.0.1' } },
    denied: (rule) => (isOperators(rule) ? 403 : undefined),
  },
  {
    about: 'a caller from elsewhere that says it is here',
    from: { ...remote, headers: { host: 'localhost', 'x-forwarded-for': '127.0.0.1', forwarded: 'for=127.0.0.1' } },
    denied: (rule) => (isOperators(rule) ? 403 : undefined),
  },
  {
    about: 'a web page of another site, on this machine',
    from: { ...local, headers: { ...local.headers, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' } },
    denied: (rule) => (isOperators(rule) ? 403 : undefined),
  },
  {
    about: 'a web page whose name was made to point here',
    from: { ...local, headers: { host: 'evil.example', 'sec-fetch-site': 'same-origin' } },
    denied: (rule) => (isOperators(rule) ? 403 : undefined),
  },
];

const withKeys: readonly Caller[] = [
  {
    about: 'nobody in particular, on this machine',
    from: local,
    denied: (rule) => (rule === 'open' ? undefined : 401),
  },
  {
    about: 'a key that is not known',
    from: withKey('nobody'),
    denied: (rule) => (rule === 'open' ? undefined : 401),
  },
  ...scopes.map((scope) => ({
    about: `a key with the scope ${scope}`,
    from: withKey(scope),
    denied: (rule: Scope | 'open') => (rule === 'open' || rule === scope ? undefined : 403),
  })),
  {
    about: 'a key for other models',
    from: withKey('elsewhere'),
    denied: (rule, namesModel) => (rule !== 'open' && namesModel ? 403 : undefined),
  },
  {
    about: 'a web page of another site with a key to control',
    from: { ...withKey('control'), headers: { ...withKey('control').headers, origin: 'https://evil.example' } },
    denied: (rule) => (rule === 'open' ? undefined : 403),
  },
];

const statusesOfDenials = [401, 403];

/** A path of the operation, in which every parameter has a value. */
const pathOf = (path: string): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name) => (name === 'version' ? '1' : name === 'label' ? 'stable' : 'flower'));

async function check(app: FastifyInstance, { from, denied }: Caller): Promise<void> {
  for (const { path, method, operation } of openapiOperations) {
    const rule = needed.get(operation.operationId);
    assert.ok(rule, `${operation.operationId} stands in the table of who may call what`);
    const { statusCode, body, headers } = await app.inject({
      method: method.toUpperCase() as 'GET' | 'POST',
      url: pathOf(path),
      ...from,
    });
    const wanted = denied(rule, path.includes('{name}'));
    const about = `${method} ${path}: ${statusCode} ${body.slice(0, 200)}`;
    if (wanted === undefined) assert.ok(!statusesOfDenials.includes(statusCode), about);
    else assert.equal(statusCode, wanted, about);
    if (wanted === 401) assert.match(String(headers['www-authenticate']), /^Bearer realm="slipway"/, about);
  }
}

describe('without keys', () => {
  for (const caller of withoutKeys) {
    test(`${caller.about} is let do what is for everybody, and more only on this machine`, async (context) => {
      const { app } = await startTestServer(context);
      await check(app, caller);
    });
  }

  test('whom the operator lets see metrics and control models may from anywhere', async (context) => {
    const { app } = await startTestServer(context, { access: { modelControl: true, metricsAccess: true } });
    await check(app, { about: '', from: remote, denied: () => undefined });
  });
});

describe('with keys', () => {
  for (const caller of withKeys) {
    test(`${caller.about} is let do what the scopes and models of its key are for`, async (context) => {
      const { app } = await startTestServer(context, { access: { authentication: keyed() } });
      await check(app, caller);
    });
  }

  test('nobody controls models where nobody is to, whatever their key', async (context) => {
    const { app } = await startTestServer(context, { access: { authentication: keyed(), modelControl: false } });
    await check(app, {
      about: '',
      from: withKey('control'),
      denied: (rule) => (rule === 'open' ? undefined : 403),
    });
  });
});

test('the table has no operation that the API has not', () => {
  const ids = openapiOperations.map(({ operation }) => operation.operationId);
  assert.deepEqual(
    [...needed.keys()].filter((id) => !ids.includes(id)),
    [],
  );
});

test('a route that does not say who may call it is not made', async (context) => {
  const { app } = await startTestServer(context);
  assert.throws(() => app.get('/new', () => 'secret'), /route GET \/new does not say who may call it/);
});
