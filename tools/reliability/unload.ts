import { type ModelName, modelFile } from '../../bench/recipes/make-models.js';
import { requestBody } from '../../bench/workloads/request-body.js';
import { workload } from '../../bench/workloads/workloads.js';
import { chaosModel } from '../../test/support/model-paths.js';
import { memoryOf } from './memory.js';
import { type Scene, serving } from './scene.js';
import { mebibytes, table } from './table.js';

const rounds = 10;
const requests = 20;

/** What the processes hold before a large model is loaded, with it, and after it was unloaded; ten times in a row. */
export async function measureUnloading(): Promise<string> {
  const name: ModelName = 'resnet-50';
  const models = [
    { name: 'staying', file: chaosModel('spin') },
    { name, file: modelFile(name), settings: { instances: 2 } },
  ];
  return serving(models, async (scene) => {
    const rows: (readonly (string | number)[])[] = [];
    const note = (moment: string): void => {
      const { engines, enginesBytes, enginesProportionalBytes, workerBytes } = memoryOf(scene.server);
      rows.push([moment, engines, ...[enginesBytes, enginesProportionalBytes, workerBytes].map(mebibytes)]);
    };
    for (let round = 1; round <= rounds; round++) {
      await use(scene, name);
      if (round === 1 || round === rounds) note(`loaded and used, ${times(round)}`);
      await control(scene, name, 'unload');
      if (round === 1 || round === rounds) note(`unloaded, ${times(round)}`);
      if (round < rounds) await control(scene, name, 'load');
    }
    return table(
      ['ResNet-50 (97 MiB), two instances', 'engine processes', 'resident MiB', 'shared pages divided', 'worker, MiB'],
      rows,
    );
  });
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

async function use({ server }: Scene, name: ModelName): Promise<void> {
  const [question = []] = workload(name).questions;
  const { headers, bytes } = requestBody('v2-binary', question);
  for (let request = 0; request < requests; request++) {
    const { status, body } = await server.post(`/v2/models/${name}/infer`, bytes, headers);
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
  }
}

async function control({ server }: Scene, name: string, verb: 'load' | 'unload'): Promise<void> {
  const { status, body } = await server.post(`/v2/repository/models/${name}/${verb}`, '');
  if (status !== 200) throw new Error(`${verb}: ${status} ${JSON.stringify(body)}`);
}
