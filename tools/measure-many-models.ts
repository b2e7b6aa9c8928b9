import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { residentBytes } from '../src/engine/process-memory.js';
import { everyModelServes } from '../test/chaos/quiet-state.js';
import { ModelFolder } from '../test/end-to-end/model-folder.js';
import { ServerProcess } from '../test/end-to-end/server-process.js';
import { projectRoot } from './project-root.js';

/**
 * Prints what serving 1, 2, … copies of a small model takes: until all of them serve, engine processes, their memory
 * and the front's. Usage: measure-many-models.js [COUNT …]
 */
const given = process.argv.slice(2).map(Number);
const counts = given.length > 0 ? given : [1, 2, 16, 17, 50, 100, 200];
const model = join(projectRoot(), 'models/iris/1/model.onnx');

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

/** Memory of a process with what it shares divided among those that share it. */
function proportionalBytes(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1];
  return Number(kilobytes) * 1024;
}

const sum = (pids: readonly number[], bytesOf: (pid: number) => number): number =>
  pids.reduce((total, pid) => total + bytesOf(pid), 0);

async function measure(count: number): Promise<void> {
  const folder = new ModelFolder();
  for (let index = 0; index < count; index++) folder.put(model, `model-${index}/1/model.onnx`);
  try {
    const startedAtMs = performance.now();
    const server = await ServerProcess.start(['--models', folder.path]);
    try {
      await everyModelServes(server);
      const seconds = (performance.now() - startedAtMs) / 1000;
      const engines = server.enginePids();
      const front = residentBytes(server.child.pid as number) ?? 0;
      const columns = [
        count,
        seconds.toFixed(1),
        engines.length,
        mebibytes(sum(engines, (pid) => residentBytes(pid) ?? 0)),
        mebibytes(sum(engines, proportionalBytes)),
        mebibytes(front),
      ];
      console.log(`| ${columns.join(' | ')} |`);
    } finally {
      await server.stop();
    }
  } finally {
    folder.remove();
  }
}

console.log('| models | start, s | engine processes | their resident MiB | with what is shared divided | front, MiB |');
console.log('| ---: | ---: | ---: | ---: | ---: | ---: |');
for (const count of counts) await measure(count);
