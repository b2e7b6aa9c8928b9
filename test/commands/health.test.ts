import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { Certificates, needsOpenssl } from '../support/certificates.js';
import { program } from '../support/program.js';
import { ServerProcess } from '../support/server-process.js';

/** The exit code, and what it says. */
const check = (flags: readonly string[], env: Record<string, string> = {}): Promise<{ code: unknown; said: string }> =>
  new Promise((resolve) => {
    const options = { env: { PATH: process.env.PATH ?? '', ...env } };
    execFile(process.execPath, [program, 'health', ...flags], options, (error, _stdout, said) =>
      resolve({ code: error?.code ?? 0, said }),
    );
  });

const portOf = (url: unknown): string => new URL(String(url)).port;

describe('slipway health', () => {
  let server: ServerProcess;
  before(async () => {
    server = await (await ServerProcess.start(['--grpc-port', '0'])).ready();
  });
  after(() => server.stop());

  test('says that the server is ready, as variables or flags tell where it is', async () => {
    const port = portOf(server.origin);
    assert.deepEqual(await check([], { PORT: port, HOST: '0.0.0.0' }), { code: 0, said: '' });
    assert.deepEqual(await check(['--port', port, '--host', '127.0.0.1', '--models', '/nowhere']), {
      code: 0,
      said: '',
    });
  });

  test('says what is wrong where nobody listens, or a setting is none', async () => {
    const { code, said } = await check(['--port', '1']);
    assert.equal(code, 1);
    assert.match(said, /^slipway health: .*ECONNREFUSED/);
    assert.equal((await check(['--prt', '1'])).code, 2);
  });
});

describe('slipway health over TLS', needsOpenssl, () => {
  const certificates = new Certificates();
  after(() => certificates.remove());

  test('asks at the port for operators where callers need certificates', async (context) => {
    const ca = certificates.authority('ca');
    const { cert, key } = certificates.signedBy(ca, 'server');
    const tls = ['--tls-cert', cert, '--tls-key', key, '--tls-client-ca', ca.cert];
    const server = await ServerProcess.start([...tls, '--management-port', '0']);
    context.after(() => server.stop('SIGKILL'));
    const management = server.log.find((line) => line.management !== undefined)?.management;
    const flags = [...tls, '--host', '127.0.0.1', '--management-port', portOf(management)];
    await server.until(async () => (await check(flags)).code === 0, 'healthy');
    const { code } = await check([...tls, '--host', '127.0.0.1', '--port', portOf(server.origin)]);
    assert.equal(code, 1, 'it has no certificate to show');
  });
});
