import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { credentials } from '@grpc/grpc-js';
import { GRPCInferenceService } from '../../src/protocols/grpc/schema/open_inference_pb.js';
import { GrpcClient } from '../protocols/grpc/grpc-client.js';
import { type Certificate, Certificates, needsOpenssl } from '../support/certificates.js';
import { ModelFolder } from '../support/model-folder.js';
import { ServerProcess, shippedModels } from '../support/server-process.js';

const { modelInfer } = GRPCInferenceService.method;
const request = {
  modelName: 'iris',
  inputs: [{ name: 'measurements', datatype: 'FP32', shape: [1n, 4n] }],
  rawInputContents: [new Uint8Array(16)],
};

describe('gRPC over TLS', needsOpenssl, () => {
  const certificates = new Certificates();
  const folder = new ModelFolder();
  const ca = certificates.authority('ca');
  const stranger = certificates.authority('stranger');
  const [first, second, caller] = ['first', 'second', 'caller'].map((name) => certificates.signedBy(ca, name)) as [
    Certificate,
    Certificate,
    Certificate,
  ];
  const foreign = certificates.signedBy(stranger, 'foreign');
  before(() => folder.put(join(shippedModels, 'iris/1/model.onnx'), 'iris/1/model.onnx'));
  after(() => {
    folder.remove();
    certificates.remove();
  });

  for (const workers of ['1', '2']) {
    test(`who shows a certificate is answered, others are not, and new ones end no connection (workers: ${workers})`, async (context) => {
      const paths = { cert: join(certificates.folder, 'tls.crt'), key: join(certificates.folder, 'tls.key') };
      put(first, paths);
      const tls = ['--tls-cert', paths.cert, '--tls-key', paths.key, '--tls-client-ca', ca.cert];
      // Whoever asks whether it is ready would need a certificate, too.
      const flags = ['--models', folder.path, '--workers', workers, '--grpc-port', '0', ...tls];
      const server = await ServerProcess.start(flags);
      context.after(() => server.stop());
      await server.until(async () => served(server) === Number(workers), 'serving iris');
      const address = String(server.log.find(({ grpc }) => grpc !== undefined)?.grpc);
      const port = address.split(':').at(-1);
      const known = client(context, port, ca, caller);
      assert.equal((await known.ask(modelInfer, request)).code, 'OK');
      for (const [authority, shown] of [
        [stranger, caller],
        [ca, undefined],
        [ca, foreign],
      ] as const) {
        const { code } = await client(context, port, authority, shown).ask(modelInfer, request);
        assert.equal(code, 'UNAVAILABLE');
      }
      const connections = known.client.getChannel().getConnectivityState(false);
      put(second, paths);
      await server.until(async () => reloaded(server) === Number(workers), 'showing its new certificate');
      assert.equal(await nameOf(port, ca, caller), 'second');
      assert.equal(known.client.getChannel().getConnectivityState(false), connections);
      assert.equal((await known.ask(modelInfer, request)).code, 'OK');
      assert.equal((await client(context, port, ca, caller).ask(modelInfer, request)).code, 'OK');
    });
  }
});

const put = (certificate: Certificate, paths: Certificate): void => {
  copyFileSync(certificate.cert, paths.cert);
  copyFileSync(certificate.key, paths.key);
};

const count = (server: ServerProcess, text: RegExp): number => server.log.filter(({ msg }) => text.test(msg)).length;
const served = (server: ServerProcess): number => count(server, /^iris\/1 serves/);
const reloaded = (server: ServerProcess): number => count(server, /^certificates were read again/);

function client(context: TestContext, port: string | undefined, ca: Certificate, shown?: Certificate): GrpcClient {
  const pair = shown && ([readFileSync(shown.key), readFileSync(shown.cert)] as const);
  const made = new GrpcClient(`localhost:${port}`, {}, credentials.createSsl(readFileSync(ca.cert), ...(pair ?? [])));
  context.after(() => made.close());
  return made;
}

/** The name in the certificate that the server shows. */
async function nameOf(port: string | undefined, ca: Certificate, { cert, key }: Certificate): Promise<unknown> {
  const [own, secret, root] = [cert, key, ca.cert].map((path) => readFileSync(path));
  const options = { cert: own, key: secret, ca: root, ALPNProtocols: ['h2'], servername: 'localhost' };
  const socket = connectTls({ port: Number(port), ...options });
  await once(socket, 'secureConnect');
  const { CN } = socket.getPeerCertificate().subject;
  socket.destroy();
  return CN;
}
