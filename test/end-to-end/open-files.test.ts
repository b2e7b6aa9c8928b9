import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { ModelFolder } from '../support/model-folder.js';
import { chaosModel } from '../support/model-paths.js';
import { ServerProcess } from '../support/server-process.js';

const skip = process.platform === 'linux' ? false : 'sets a limit on open files';

async function crowd({ origin }: ServerProcess, count: number): Promise<readonly Socket[]> {
  const { hostname, port } = new URL(origin);
  const sockets = Array.from({ length: count }, () => connect(Number(port), hostname).on('error', () => undefined));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  return sockets;
}

for (const workers of ['1', '2']) {
  test(`out of file descriptors, ${workers} worker(s): one line, engines come back, and it is over when the crowd is gone`, {
    skip,
  }, async (context: TestContext) => {
    const folder = new ModelFolder();
    context.after(() => folder.remove());
    folder.put(chaosModel('times-1'), join('times', '1', 'model.onnx'));
    const flags = ['--models', folder.path, '--workers', workers];
    const server = await ServerProcess.start(flags, {}, ['--host', '127.0.0.1', '--port', '0'], 200);
    context.after(() => server.stop());
    await server.ready();
    // One connection that was there before the crowd.
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    context.after(() => agent.destroy());
    const ask = async (): Promise<string> => {
      const call = request(`${server.origin}/v1/models/times/predict`, { method: 'POST', agent });
      call.end('{"instances": [[1, 2]]}');
      const [response] = await once(call, 'response');
      return text(response);
    };
    const answer = '{"predictions":[[1.0,2.0]]}';
    assert.equal(await ask(), answer);

    const sockets = await crowd(server, 400);
    const dropped = () => sockets.filter((socket) => socket.closed).length;
    await server.until(async () => dropped() >= 50, 'turning connections away');
    for (const pid of server.enginePids()) process.kill(pid, 'SIGKILL');
    assert.equal(await ask(), answer, 'an engine could be started');
    const lines = server.log.filter(({ msg }) => msg.includes('connections are rejected'));
    assert.equal(lines.length, 1);
    assert.ok(!server.log.some(({ level }) => level === 'fatal'));

    for (const socket of sockets) socket.destroy();
    await server.until(async () => {
      const { status } = await server
        .post('/v1/models/times/predict', { instances: [[1, 2]] })
        .catch(() => ({ status: 0 }));
      return status === 200;
    }, 'serving newcomers again');
  });
}
