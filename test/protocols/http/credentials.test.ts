import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { accessKey, authenticationBy, secretOf } from '../../support/access-keys.js';
import { startTestServer } from '../test-server.js';
import { countSlow, Wire, type WireAnswer } from './fast-path/wire.js';

const authentication = authenticationBy(
  accessKey('team-a', ['infer', 'read'], { models: ['flower', 'echo-*'] }),
  accessKey('team-b', ['infer']),
  accessKey('reader', ['read']),
  accessKey('slow', ['infer'], { requestsPerSecond: 0.001 }),
);
const { app, service, finished } = await startTestServer({ after }, { access: { authentication } });
before(() => app.listen({ port: 0, host: '127.0.0.1' }));
const slow = countSlow(app);

const body = '{"instances": [[1, 2, 3, 4]]}';
const good = secretOf('team-a');

/** Both ways to the models: Node's HTTP server is for heads that say something unusual. */
const ways = [
  { way: 'the fast path', unusual: [] },
  { way: "Node's HTTP server", unusual: ['TE: trailers'] },
] as const;

async function predict(lines: readonly string[], model = 'flower', verb = '/predict'): Promise<WireAnswer> {
  const wire = await Wire.open(app);
  const head = ['Host: test', 'Content-Type: application/json', `Content-Length: ${body.length}`, ...lines];
  wire.send(`POST /v1/models/${model}${verb} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n${body}`);
  const answer = await wire.answer();
  wire.close();
  return answer;
}

interface Case {
  readonly about: string;
  readonly lines: readonly string[];
  readonly status: number;
  readonly model?: string;
  /** Part of the body. */
  readonly says?: RegExp;
  /** Only Node's HTTP server reads such heads. */
  readonly isUnusual?: true;
}

const invalid = /invalid_token/;
const needsKey = /needs a key/;

const cases: readonly Case[] = [
  { about: 'a bearer', lines: [`Authorization: Bearer ${good}`], status: 200 },
  { about: 'a scheme in capitals', lines: [`AUTHORIZATION: BEARER ${good}`], status: 200 },
  { about: 'a scheme in lower case, with spaces', lines: [`authorization: bearer    ${good}`], status: 200 },
  { about: 'the header of other servers', lines: [`X-API-Key: ${good}`], status: 200 },
  { about: 'both, that say the same', lines: [`Authorization: Bearer ${good}`, `x-api-key: ${good}`], status: 200 },
  { about: 'nothing', lines: [], status: 401, says: needsKey },
  {
    about: 'both, that differ',
    lines: [`Authorization: Bearer ${good}`, `X-API-Key: ${secretOf('team-b')}`],
    status: 401,
    says: /do not say the same/,
  },
  {
    about: 'two of them, the good one first',
    lines: [`Authorization: Bearer ${good}`, 'Authorization: Bearer other'],
    status: 401,
    says: /came 2 times/,
    isUnusual: true,
  },
  {
    about: 'two of them, the good one last',
    lines: ['Authorization: Bearer other', `Authorization: Bearer ${good}`],
    status: 401,
    says: /came 2 times/,
    isUnusual: true,
  },
  {
    about: 'two keys',
    lines: [`X-API-Key: ${good}`, `X-API-Key: ${good}`],
    status: 401,
    isUnusual: true,
  },
  { about: 'two in one line', lines: [`X-API-Key: ${good}, ${good}`], status: 401, says: /has spaces/ },
  { about: 'another scheme', lines: [`Authorization: Basic ${good}`], status: 401, says: /scheme Basic/ },
  { about: 'no scheme', lines: [`Authorization: ${good}`], status: 401, says: /expected \\"Bearer KEY\\""}/ },
  { about: 'a scheme alone', lines: ['Authorization: Bearer'], status: 401, says: /is empty/ },
  { about: 'an empty header', lines: ['Authorization: '], status: 401, says: /expected \\"Bearer KEY\\"/ },
  { about: 'an empty key', lines: ['X-API-Key: '], status: 401, says: /is empty/ },
  { about: 'a key that goes on', lines: [`X-API-Key: ${good}x`], status: 401, says: /not known/ },
  { about: 'a key that is cut', lines: [`X-API-Key: ${good.slice(0, -1)}`], status: 401, says: /not known/ },
  { about: 'a very long key', lines: [`X-API-Key: ${'k'.repeat(7000)}`], status: 401, says: /not known/ },
  { about: 'a longer one', lines: [`X-API-Key: ${'k'.repeat(9000)}`], status: 401, says: /no key is longer/ },
  { about: 'bytes that are no text', lines: ['X-API-Key: \u00e9\u00e8'], status: 401, isUnusual: true },
  { about: 'its hash', lines: [`X-API-Key: ${accessKey('team-a', []).sha256}`], status: 401, says: /not known/ },
  { about: 'the name of what every object has', lines: ['X-API-Key: __proto__'], status: 401, says: /not known/ },
  {
    about: 'a key without the scope',
    lines: [`X-API-Key: ${secretOf('reader')}`],
    status: 403,
    says: /scope \\"infer\\"/,
  },
  {
    about: 'a model of another',
    lines: [`X-API-Key: ${good}`],
    model: 'scores',
    status: 403,
    says: /not for the model/,
  },
  {
    about: 'a model nobody has',
    lines: [`X-API-Key: ${good}`],
    model: 'secret',
    status: 403,
    says: /not for the model/,
  },
  { about: 'a model of a pattern', lines: [`X-API-Key: ${good}`], model: 'echo-fp32', status: 400 },
  { about: 'an escaped name', lines: [`X-API-Key: ${good}`], model: '%66lower', status: 200 },
  { about: 'an escaped name of another', lines: [`X-API-Key: ${good}`], model: '%73cores', status: 403 },
  { about: 'a name that escapes twice', lines: [`X-API-Key: ${good}`], model: '%2566lower', status: 403 },
  { about: 'a name that leads elsewhere', lines: [`X-API-Key: ${good}`], model: 'echo-%2f..%2fscores', status: 404 },
  { about: 'a name in capitals', lines: [`X-API-Key: ${good}`], model: 'FLOWER', status: 403 },
  { about: 'a forwarded address', lines: ['X-Forwarded-For: 127.0.0.1'], status: 401, says: needsKey },
];

for (const { way, unusual } of ways) {
  describe(way, () => {
    for (const { about, lines, status, model, says, isUnusual } of cases) {
      test(`${about} gets ${status}`, async () => {
        const before = slow();
        const answer = await predict([...lines, ...unusual], model);
        assert.equal(answer.status, status, answer.body);
        if (says !== undefined) assert.match(answer.body, says);
        assert.ok(!answer.body.includes(good), 'the answer does not say the key');
        if (status === 401)
          assert.match(answer.headers['www-authenticate'] ?? '', says === needsKey ? /slipway"$/ : invalid);
        const isPlain = unusual.length === 0 && isUnusual === undefined && !model?.includes('%');
        if (isPlain && lines.join().length < 8000) assert.equal(slow(), before, 'it was answered from the bare socket');
      });
    }

    test('a request over the rate is told when to come again', async () => {
      const slowKey = [`X-API-Key: ${secretOf('slow')}`, ...unusual];
      await predict(slowKey);
      const { status, headers, body: told } = await predict(slowKey);
      assert.equal(status, 429, told);
      assert.match(told, /key \\"slow\\": more than 0\.001 requests a second/);
      assert.ok(Number(headers['retry-after']) > 900);
      assert.equal(headers['ratelimit-remaining'], '0');
      assert.equal(headers['ratelimit-limit'], '1');
      assert.ok(Number(headers['ratelimit-reset']) > 900);
    });

    test("the key's id is whose turn a request counts against, and what observers hear", async () => {
      await predict([`X-API-Key: ${secretOf('team-b')}`, ...unusual]);
      assert.equal(service.requests.at(-1)?.caller, 'team-b');
      assert.equal(finished.at(-1)?.principal, 'team-b');
    });
  });
}

test('a key sees the models that it is for, and no others', async () => {
  const headers = { 'x-api-key': good };
  const names = (await app.inject({ url: '/v2/models', headers })).json<{ models: string[] }>().models;
  assert.ok(names.includes('flower') && names.includes('echo-fp32'));
  assert.ok(names.every((name) => name === 'flower' || name.startsWith('echo-')));
  for (const request of [
    { url: '/v1/models' },
    { url: '/v2/models/stats' },
    { url: '/v2/repository/index', method: 'POST' },
    { url: '/' },
  ] as const) {
    const { statusCode, body: listed } = await app.inject({ ...request, headers });
    assert.equal(statusCode, 200, request.url);
    assert.ok(!listed.includes('"scores"'), request.url);
  }
});

test('HEAD and OPTIONS tell no more than GET', async () => {
  const url = '/v1/models';
  assert.equal((await app.inject({ method: 'HEAD', url })).statusCode, 401);
  assert.equal((await app.inject({ method: 'HEAD', url, headers: { 'x-api-key': good } })).statusCode, 200);
  const options = await app.inject({ method: 'OPTIONS', url });
  assert.equal(options.statusCode, 204);
  assert.equal(options.body, '');
});

test('paths that only look like another one are not let in by it', async () => {
  for (const url of [
    '/metrics/',
    '//metrics',
    '/docs/../metrics',
    '/v2/health/live/../../../metrics',
    '/v2/health/live%2f..%2f..%2f..%2fmetrics',
    '/%6detrics',
    '/v2/health/../repository/index',
    '/metrics;x',
    '/metrics%3f',
    '/METRICS',
  ]) {
    const { statusCode, body: shown } = await app.inject({ url });
    assert.ok([401, 404, 405].includes(statusCode), `${url}: ${statusCode}`);
    assert.doesNotMatch(shown, /slipway_up/);
  }
});
