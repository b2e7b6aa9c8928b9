import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../support/caller.js';
import { enginesOf } from '../support/engines-of.js';
import { GoodClients } from '../support/good-clients.js';
import { chaosModel } from '../support/model-paths.js';
import { getJson, oneShot } from '../support/one-shot.js';
import { type ServedModels, serveModels } from '../support/served-models.js';
import { doubling } from '../support/tiny-questions.js';

interface VersionStatus {
  readonly version: string;
  readonly state: string;
  readonly status: { readonly error_code: string; readonly error_message: string };
}

async function versionsOf({ server }: ServedModels, model: string): Promise<readonly VersionStatus[]> {
  const answer = (await getJson(`${server.origin}/v1/models/${model}`)) as { model_version_status?: VersionStatus[] };
  assert.ok(answer.model_version_status, JSON.stringify(answer));
  return answer.model_version_status;
}

test('a version whose process ends as often as it is started is given up alone, with the reason', async (context) => {
  const served = await serveModels(context, {
    times: { file: chaosModel('times-1') },
    beside: { file: chaosModel('spin') },
  });
  const { server, folder, predict } = served;
  const answer = async (model: string, body: unknown) => (await predict(model, body)).status;

  folder.put(chaosModel('crash-at-load'), 'times/2/model.onnx');
  await server.until(async () => (await versionsOf(served, 'times'))[0]?.state === 'END', 'done with version 2');
  const [broken, working] = await versionsOf(served, 'times');
  assert.equal(broken?.version, '2');
  assert.equal(broken?.status.error_code, 'FAILED_PRECONDITION');
  assert.match(broken?.status.error_message ?? '', /the engine process ended while it loaded the model: SIGFPE/);
  assert.deepEqual([working?.version, working?.state], ['1', 'AVAILABLE']);
  assert.equal(await answer('times', { instances: [[1, 2]] }), 200);
  assert.equal(await answer('beside', { instances: [1] }), 200);
});

test('a version that ends its process with whatever it computes never serves', async (context) => {
  const served = await serveModels(context, { beside: { file: chaosModel('spin') } });
  const { server, folder, predict } = served;
  folder.put(chaosModel('crash-at-run'), 'crash-at-run/1/model.onnx');
  const isGivenUp = async (): Promise<boolean> => {
    const { models } = (await getJson(`${server.origin}/v1/models`)) as { models: { name: string; state: string }[] };
    return models.some(({ name, state }) => name === 'crash-at-run' && state === 'END');
  };
  await server.until(isGivenUp, 'done with it');
  const [status] = await versionsOf(served, 'crash-at-run');
  assert.match(status?.status.error_message ?? '', /its engine process failed \d+ times in a row .*SIGFPE/);
  const rejected = await predict('crash-at-run', { instances: [1] });
  assert.equal(rejected.status, 503);
  assert.match(rejected.text, /failed \d+ times in a row/);
  assert.equal((await predict('beside', { instances: [1] })).status, 200);
  assert.deepEqual(enginesOf(server, 'crash-at-run/1'), []);
});

test('a serving version whose processes end as they start is given up until an operator loads it again', async (context) => {
  const served = await serveModels(context, {
    times: { file: chaosModel('times-1') },
    beside: { file: chaosModel('spin') },
  });
  const { server, caller, predict } = served;
  const beside = new GoodClients({ caller, ask: doubling('beside', 100), count: 2 });
  context.after(() => beside.stop());
  let waiting: Promise<Answer> | undefined;
  await server.until(async () => {
    for (let turn = 0; turn < 20; turn++) {
      for (const pid of enginesOf(server, 'times/1')) kill(pid);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    waiting ??= predict('times', { instances: [[1, 2]] });
    return (await versionsOf(served, 'times'))[0]?.state === 'END';
  }, 'done with it');
  const reason = /its engine process failed \d+ times in a row and is not started again \(last: .*SIGKILL/;
  assert.match((await versionsOf(served, 'times'))[0]?.status.error_message ?? '', reason);
  for (const rejected of [await waiting, await predict('times', { instances: [[1, 2]] })]) {
    assert.equal(rejected?.status, 503);
    assert.match(rejected?.text ?? '', reason);
  }
  const { status, text } = await oneShot('POST', `${server.origin}/v2/repository/models/times/load`);
  assert.equal(status, 200, text);
  assert.equal((await predict('times', { instances: [[1, 2]] })).status, 200);
  await beside.stopAllRight();
});

test('new content that cannot be loaded does not take the place of the old', async (context) => {
  const served = await serveModels(context, { times: { file: chaosModel('times-1') } });
  const { server, folder, predict } = served;
  folder.put(chaosModel('crash-at-load'), 'times/1/model.onnx');
  await server.until(async () => (await versionsOf(served, 'times'))[0]?.status.error_message !== '', 'done with it');
  // Started again from the copy that is kept of the old content.
  for (const pid of enginesOf(server, 'times/1')) kill(pid);
  assert.equal((await predict('times', { instances: [[1, 2]] })).text, '{"predictions":[[1.0,2.0]]}');
});

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself meanwhile.
  }
}
