import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, readFileSync } from 'node:fs';
import { Agent, type RequestOptions, request } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { TlsFiles, type TlsPaths } from '../../../src/access/tls-files.js';
import { Certificates, needsOpenssl } from '../../support/certificates.js';
import { startTestServer } from '../test-server.js';
import { countSlow } from './fast-path/wire.js';

const predict = { path: '/v1/models/flower/predict', body: '{"instances": [[1, 2, 3, 4]]}' };

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 30_000; !condition(); await delay(20)) assert.ok(Date.now() < end);
}

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

function call(options: RequestOptions, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: 'localhost', method: body === undefined ? 'GET' : 'POST', ...options },
      (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode, body: text }));
      },
    );
    asked.on('error', reject).end(body);
  });
}

describe('over TLS', needsOpenssl, () => {
  const certificates = new Certificates();
  after(() => certificates.remove());

  async function aServer(context: TestContext, paths: TlsPaths) {
    const log: string[] = [];
    const tls = new TlsFiles({
      paths,
      onReloaded: ({ subject }) => log.push(subject),
      onProblem: (error) => log.push(String(error)),
    });
    await tls.start();
    context.after(() => tls.stop());
    const { app } = await startTestServer(context, { tls });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    return { app, port, log };
  }

  /** The certificate's name, or what came of it. */
  async function shown(options: ConnectionOptions): Promise<string> {
    const socket: TLSSocket = connectTls({ servername: 'localhost', ...options });
    try {
      await once(socket, 'secureConnect');
      // With TLS 1.3 a server looks at its caller's certificate afterwards.
      socket.write('GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
      const closed = once(socket, 'close').then(() => Promise.reject({ code: 'closed' }));
      const [text] = await Promise.race([once(socket, 'data'), closed]);
      return `${socket.getPeerCertificate().subject.CN}: ${String(text).slice(9, 12)}`;
    } catch (error) {
      return `failed: ${(error as NodeJS.ErrnoException).code}`;
    } finally {
      socket.destroy();
    }
  }

  test('plain requests go the fast path, others to Node, on one connection', async (context) => {
    const ca = certificates.authority('ca');
    const { app, port } = await aServer(context, certificates.signedBy(ca, 'first'));
    const slow = countSlow(app);
    const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: readFileSync(ca.cert) });
    context.after(() => agent.destroy());
    const headers = { 'content-type': 'application/json', 'content-length': predict.body.length };
    for (let index = 0; index < 3; index++) {
      const { status, body } = await call({ port, agent, path: predict.path, method: 'POST', headers }, predict.body);
      assert.equal(status, 200, body);
    }
    assert.equal(slow(), 0);
    assert.equal((await call({ port, agent, path: '/v1/models' })).status, 200);
    assert.equal(slow(), 1);
    const { body } = await call({ port, agent, path: '/' });
    assert.match(body, /curl -s https:\/\//);
  });

  test('who speaks no TLS, or an old one, is cut off, and the server goes on', async (context) => {
    const ca = certificates.authority('ca-2');
    const { port } = await aServer(context, certificates.signedBy(ca, 'second'));
    const plain = connect(port, '127.0.0.1');
    plain.on('error', () => undefined);
    plain.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(plain, 'close');
    const trusted = { port, ca: readFileSync(ca.cert) };
    const old = { ...trusted, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    assert.match(await shown(old), /^failed/);
    assert.equal(await shown({ ...trusted, maxVersion: 'TLSv1.2' }), 'second: 200');
    assert.equal(await shown(trusted), 'second: 200');
  });

  test('new certificates are shown to new connections; open ones go on; a key that does not fit changes nothing', async (context) => {
    const ca = certificates.authority('ca-3');
    const [one, two] = ['one', 'two'].map((name) => certificates.signedBy(ca, name));
    const paths = { cert: join(certificates.folder, 'tls.crt'), key: join(certificates.folder, 'tls.key') };
    copyFileSync(one!.cert, paths.cert);
    copyFileSync(one!.key, paths.key);
    const { port, log } = await aServer(context, paths);
    const trusted = { port, ca: readFileSync(ca.cert) };
    const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: trusted.ca });
    context.after(() => agent.destroy());
    let connections = 0;
    const counted = async () => (await call({ port, agent, path: '/v1/models' })).status;
    agent.createConnection = ((create) => (options: object, done: () => void) => {
      connections++;
      return create.call(agent, options as never, done as never);
    })(agent.createConnection) as typeof agent.createConnection;
    assert.equal(await counted(), 200);
    copyFileSync(two!.cert, paths.cert);
    await until(() => log.length === 1);
    assert.match(log[0]!, /key values mismatch/i);
    assert.equal(await shown(trusted), 'one: 200');
    copyFileSync(two!.key, paths.key);
    await until(() => log.length === 2);
    assert.equal(log[1], 'CN=two');
    assert.equal(await shown(trusted), 'two: 200');
    assert.equal(await counted(), 200);
    assert.equal(connections, 1, 'the open connection was used again');
  });

  test('where callers need a certificate, only those that the authority signed get in', async (context) => {
    const ca = certificates.authority('ca-4');
    const other = certificates.authority('ca-5');
    const { port } = await aServer(context, { ...certificates.signedBy(ca, 'server'), clientCa: ca.cert });
    const trusted = { port, ca: readFileSync(ca.cert) };
    const as = ({ cert, key }: { cert: string; key: string }) => ({ cert: readFileSync(cert), key: readFileSync(key) });
    assert.match(await shown(trusted), /^failed/);
    assert.match(await shown({ ...trusted, ...as(certificates.signedBy(other, 'stranger')) }), /^failed/);
    assert.equal(await shown({ ...trusted, ...as(certificates.signedBy(ca, 'caller')) }), 'server: 200');
  });
});
