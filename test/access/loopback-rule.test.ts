import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Allowed, loopbackDenial } from '../../src/access/loopback-rule.js';

interface World {
  readonly about: string;
  readonly headers?: Record<string, string>;
  readonly peer?: string | undefined;
  readonly http?: string;
  /** Part of the reason; absent where the call may go on. */
  readonly refused?: RegExp;
}

const rejectionIn = ({ headers = {}, peer = '127.0.0.1', http = '1.1' }: World, allowed: Allowed) =>
  loopbackDenial(
    { headers: { host: 'localhost:8080', ...headers }, peerAddress: peer, httpVersion: http },
    'unload',
    { allowed, whyNot: 'models follow the repository', hint: 'start it with --flag' },
    new Set(['workstation']),
  );

function check(worlds: readonly World[], allowed: Allowed): void {
  for (const world of worlds) {
    test(world.about, () => {
      const rejection = rejectionIn(world, allowed);
      if (world.refused === undefined) {
        assert.equal(rejection, undefined);
        return;
      }
      assert.equal(rejection?.code, 'PERMISSION_DENIED');
      assert.match(rejection.message, world.refused);
      assert.match(rejection.message, /^unload: /);
    });
  }
}

/** Whoever may control models otherwise. */
const pages: readonly World[] = [
  { about: 'a page of another site', headers: { 'sec-fetch-site': 'cross-site' }, refused: /Sec-Fetch-Site: cross-s/ },
  { about: 'a page at another port', headers: { 'sec-fetch-site': 'same-site' }, refused: /Sec-Fetch-Site: same-s/ },
  { about: 'a relation nobody knows', headers: { 'sec-fetch-site': 'new' }, refused: /Sec-Fetch-Site: new/ },
  { about: 'a foreign origin', headers: { origin: 'http://evil.example' }, refused: /Origin: http:\/\/evil\.example/ },
  { about: 'an origin at another port', headers: { origin: 'http://localhost:3000' }, refused: /Origin/ },
  { about: 'a sandboxed frame or a file', headers: { origin: 'null' }, refused: /Origin: null/ },
  { about: 'an extension', headers: { origin: 'moz-extension://localhost:8080' }, refused: /Origin/ },
  {
    about: 'a page whose name was made to point here',
    headers: { host: 'evil.example:8080', origin: 'http://evil.example:8080', 'sec-fetch-site': 'same-origin' },
    refused: /host "evil\.example:8080".*call localhost/,
  },
  { about: 'a foreign host name without an origin', headers: { host: 'evil.example' }, refused: /host "evil/ },
  { about: 'a host name that begins well', headers: { host: 'localhost.evil.example' }, refused: /host "localhost\.e/ },
  { about: 'a host name that ends well', headers: { host: 'evillocalhost' }, refused: /host "evillocalhost"/ },
  { about: 'a host that looks like an address', headers: { host: '127.0.0.1.evil.example' }, refused: /host "127/ },
  { about: 'an empty host', headers: { host: '' }, refused: /host ""/ },
];

/** Programs, and this server's own pages, on this machine. */
const ownCallers: readonly World[] = [
  { about: 'a program on this machine' },
  { about: 'a program over IPv6', peer: '::1', headers: { host: '[::1]:8080' } },
  { about: 'a program over IPv4 on an IPv6 socket', peer: '::ffff:127.0.0.1', headers: { host: '127.0.0.1' } },
  { about: 'a program that calls another loopback address', peer: '127.0.1.1', headers: { host: '127.0.1.1:80' } },
  { about: "a program that calls the machine's name", headers: { host: 'WorkStation:8080' } },
  { about: 'a name below localhost', headers: { host: 'slipway.localhost:8080' } },
  { about: 'a name with a dot at its end', headers: { host: 'localhost.:8080' } },
  { about: 'the own page', headers: { origin: 'http://localhost:8080', 'sec-fetch-site': 'same-origin' } },
  { about: 'what a person opened', headers: { 'sec-fetch-site': 'none' } },
];

const elsewhere: readonly World[] = [
  {
    about: 'another machine',
    peer: '10.0.0.7',
    refused: /on this machine only.*another one; start it with --flag/,
  },
  { about: 'another machine over IPv6', peer: 'fe80::1', refused: /another one/ },
  { about: 'a machine whose address begins alike', peer: '::ffff:128.0.0.1', refused: /another one/ },
  { about: 'a connection that is gone', peer: '', refused: /another one/ },
  {
    about: 'a proxy here',
    headers: { 'x-forwarded-for': '1.2.3.4' },
    refused: /by a proxy \(header x-forwarded-for\)/,
  },
  { about: 'a proxy that says it as the standard has it', headers: { forwarded: 'for=1.2.3.4' }, refused: /forwarded/ },
  { about: 'a proxy that names itself', headers: { via: '1.1 gateway' }, refused: /header via/ },
  { about: 'a proxy that tells the address only', headers: { 'x-real-ip': '127.0.0.1' }, refused: /x-real-ip/ },
  {
    about: 'a proxy that tells the scheme only',
    headers: { 'x-forwarded-proto': 'https' },
    refused: /x-forwarded-proto/,
  },
  { about: "nginx as it comes, by its protocol's version", http: '1.0', refused: /HTTP\/1\.0/ },
];

describe('where callers on this machine may control models', () => {
  check([...ownCallers, ...elsewhere, ...pages], 'loopback');
});

describe('where everybody may', () => {
  const behindGateway = { host: 'models.example', 'x-forwarded-for': '1.2.3.4' };
  check(
    [
      ...ownCallers,
      ...pages,
      ...elsewhere.map(({ refused, ...world }) => world),
      { about: 'a gateway here, by its own name', headers: behindGateway },
      { about: "a gateway's own page", headers: { ...behindGateway, origin: 'https://models.example' } },
      {
        about: 'a page of a gateway that tells its name apart',
        headers: { 'x-forwarded-host': 'models.example', origin: 'https://models.example' },
      },
      {
        about: 'a foreign page through a gateway',
        headers: { ...behindGateway, origin: 'https://evil.example' },
        refused: /Origin: https:\/\/evil/,
      },
    ],
    true,
  );
});

describe('where nobody may', () => {
  check(
    ownCallers.map((world) => ({ ...world, refused: /models follow the repository; start it with --flag/ })),
    false,
  );
});
