import { join } from 'node:path';
import { ModelFolder } from '../../test/support/model-folder.js';
import { everyModelServes } from '../../test/support/quiet-state.js';
import { ServerProcess } from '../../test/support/server-process.js';
import { projectRoot } from '../project-root.js';
import { memoryOf, type ServerMemory } from './memory.js';
import { mebibytes, table } from './table.js';

const counts = [1, 17, 100, 200];
const model = join(projectRoot(), 'models/iris/1/model.onnx');

/** What serving so many copies of a small model takes: until all of them serve, and in memory. */
export async function measureManyModels(): Promise<string> {
  const rows: (readonly (string | number)[])[] = [];
  for (const count of counts) {
    const { seconds, memory } = await measure(count);
    const { engines, workerBytes, enginesBytes, enginesProportionalBytes } = memory;
    const bytes = [enginesBytes, enginesProportionalBytes, workerBytes].map(mebibytes);
    rows.push([count, seconds.toFixed(1), engines, ...bytes]);
  }
  const head = ['models', 'start to ready, s', 'engine processes', 'their resident MiB', 'shared pages divided'];
  return table([...head, 'worker, MiB'], rows);
}

async function measure(count: number): Promise<{ seconds: number; memory: ServerMemory }> {
  const folder = new ModelFolder();
  for (let index = 0; index < count; index++) folder.put(model, `model-${index}/1/model.onnx`);
  try {
    const startedAtMs = performance.now();
    const server = await ServerProcess.start(['--models', folder.path]);
    try {
      await server.ready();
      const seconds = (performance.now() - startedAtMs) / 1000;
      await everyModelServes(server);
      return { seconds, memory: memoryOf(server) };
    } finally {
      await server.stop();
    }
  } finally {
    folder.remove();
  }
}
