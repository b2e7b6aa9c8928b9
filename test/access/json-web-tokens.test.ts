import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type CryptoKey, createLocalJWKSet, exportJWK, exportSPKI, generateKeyPair, importJWK, SignJWT } from 'jose';
import type { Identity } from '../../src/access/api-keys.js';
import { Authentication } from '../../src/access/authentication.js';
import { issuerKeys } from '../../src/access/issuer-keys.js';
import { JsonWebTokens } from '../../src/access/json-web-tokens.js';
import { ServingError } from '../../src/core/serving-error.js';

const issuer = 'https://accounts.example';
const audience = 'slipway';
const { publicKey, privateKey } = await generateKeyPair('ES256');
const stranger = await generateKeyPair('ES256');
const folder = mkdtempSync(join(tmpdir(), 'jwks-'));
after(() => rmSync(folder, { recursive: true }));
const source = join(folder, 'jwks.json');
writeFileSync(source, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }] }));

let nowMs = 1_700_000_000_000;
const { find, stop } = await issuerKeys({ source, onProblem: () => undefined });
after(stop);
let lookups = 0;
const verifier = new JsonWebTokens({
  issuer,
  audience,
  scopeClaim: 'scope',
  keys: (...asked) => {
    lookups++;
    return find(...asked);
  },
  now: () => nowMs,
});
const authentication = new Authentication({ tokens: verifier });

const seconds = (ms = nowMs): number => Math.floor(ms / 1000);

const token = (claims: Record<string, unknown> = {}, key: CryptoKey = privateKey, kid = 'one'): Promise<string> =>
  new SignJWT({
    iss: issuer,
    aud: audience,
    sub: 'ann',
    scope: 'infer slipway:read mail',
    exp: seconds() + 60,
    ...claims,
  })
    .setProtectedHeader({ alg: 'ES256', kid })
    .sign(key);

const identify = async (text: string): Promise<Identity | ServingError> =>
  authentication.identify({ authorization: `Bearer ${text}` });

const base64 = (json: object): string => Buffer.from(JSON.stringify(json)).toString('base64url');

test('a token of the issuer is its subject, with the scopes that are of this server', async () => {
  const identity = await identify(await token());
  assert.ok(!(identity instanceof ServingError), String(identity));
  assert.equal(identity.id, 'jwt:ann');
  assert.deepEqual([...identity.scopes], ['infer', 'read']);
  const listed = (await identify(await token({ scope: ['control'], sub: 'a b\n"c"' }))) as Identity;
  assert.deepEqual([...listed.scopes], ['control']);
  assert.equal(listed.id, 'jwt:a_b__c_');
});

test('a token that was seen before is known at once, until it expires', async () => {
  const text = await token();
  await identify(text);
  const before = lookups;
  assert.ok(!(authentication.identify({ 'x-api-key': text }) instanceof Promise));
  assert.equal(lookups, before);
  nowMs += 120_000;
  const late = await identify(text);
  assert.ok(late instanceof ServingError);
  assert.match(late.message, /has expired/);
});

const refused: readonly [about: string, text: () => Promise<string>, reason: RegExp][] = [
  ['one that has expired', () => token({ exp: seconds() - 31 }), /has expired/],
  ['one that never expires', () => token({ exp: undefined }), /another "exp"/],
  ['one that is not valid yet', () => token({ nbf: seconds() + 31 }), /not valid yet/],
  ['one of another issuer', () => token({ iss: 'https://evil.example' }), /another "iss"/],
  ['one for somebody else', () => token({ aud: 'another' }), /another "aud"/],
  ['one for nobody', () => token({ aud: undefined }), /another "aud"/],
  ['one signed by another key', () => token({}, stranger.privateKey), /not signed by a key of the issuer/],
  ['one of a key that the issuer has not', () => token({}, privateKey, 'two'), /not signed by a key of the issuer/],
  [
    'one that is not signed',
    async () => `${base64({ alg: 'none' })}.${base64({ iss: issuer, aud: audience, exp: seconds() + 60 })}.`,
    /not accepted, or not at all/,
  ],
  [
    'one that is signed by what everybody knows',
    async () => {
      const shared = new TextEncoder().encode(JSON.stringify(await exportJWK(publicKey)));
      return new SignJWT({ iss: issuer, aud: audience, exp: seconds() + 60 })
        .setProtectedHeader({ alg: 'HS256', kid: 'one' })
        .sign(shared);
    },
    /not accepted, or not at all/,
  ],
  [
    'one whose claims were changed',
    async () => (await token()).replace(/\.[\w-]+\./, `.${base64({ sub: 'root' })}.`),
    /not signed/,
  ],
  ['what only looks like one', async () => 'a.b.c', /cannot be read|can be read/],
  ['what is none', async () => 'slk_something', /not known here/],
];

/** Whatever key is at hand, an algorithm that was not meant for it is not tried. */
const unexpected: readonly [alg: string, key: () => Promise<CryptoKey | Uint8Array>][] = [
  ['HS256', async () => new TextEncoder().encode(await exportSPKI(publicKey))],
  ['HS512', async () => new TextEncoder().encode(JSON.stringify(await exportJWK(publicKey)).padEnd(64))],
];

for (const [alg, secret] of unexpected) {
  test(`a token that says ${alg} is refused though it is signed by the issuer's public key, as if that were a secret`, async () => {
    const key = await secret();
    const { iss, aud, exp } = { iss: issuer, aud: audience, exp: seconds() + 60 };
    const forged = await new SignJWT({ iss, aud, exp }).setProtectedHeader({ alg }).sign(key);
    const naive = new JsonWebTokens({ issuer, audience, scopeClaim: 'scope', keys: async () => key, now: () => nowMs });
    const denial = await naive.verify(forged);
    assert.ok(denial instanceof ServingError);
    assert.equal(denial.code, 'UNAUTHENTICATED');
    assert.match(denial.message, /an algorithm that is not accepted/);
  });
}

test('a key of the issuer is for its own algorithm', async () => {
  const rsa = await generateKeyPair('RS256', { extractable: true });
  const other = await importJWK({ ...(await exportJWK(rsa.privateKey)), alg: 'PS256' }, 'PS256');
  const set = createLocalJWKSet({ keys: [{ ...(await exportJWK(rsa.publicKey)), kid: 'rsa', alg: 'RS256' }] });
  const verifier = new JsonWebTokens({ issuer, audience, scopeClaim: 'scope', keys: set, now: () => nowMs });
  const signed = (alg: string, key: CryptoKey | Uint8Array) =>
    new SignJWT({ iss: issuer, aud: audience, sub: 'ann', exp: seconds() + 60 })
      .setProtectedHeader({ alg, kid: 'rsa' })
      .sign(key);
  assert.ok(!((await verifier.verify(await signed('RS256', rsa.privateKey))) instanceof ServingError));
  const denial = await verifier.verify(await signed('PS256', other));
  assert.match(String(denial), /not signed by a key of the issuer/);
});

for (const [about, text, reason] of refused) {
  test(`${about} is refused, with the reason`, async () => {
    const denial = await identify(await text());
    assert.ok(denial instanceof ServingError);
    assert.equal(denial.code, 'UNAUTHENTICATED', denial.message);
    assert.match(denial.message, reason);
  });
}

test('where the keys cannot be had, the token is not to blame', async () => {
  const unreachable = new JsonWebTokens({
    issuer,
    audience,
    scopeClaim: 'scope',
    keys: () => Promise.reject(new TypeError('fetch failed')),
  });
  const denial = await unreachable.verify(await token());
  assert.equal((denial as ServingError).code, 'UNAVAILABLE');
});
