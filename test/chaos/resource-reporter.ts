/** Loaded into a server with `--import`: logs what is in use, once the garbage is gone, whenever it is sent SIGUSR2. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

/** The line that it logs. */
export interface ResourceLine {
  readonly msg: 'resources';
  readonly level: 'debug';
  readonly heapBytes: number;
  readonly bufferBytes: number;
  /** Timers, sockets, children and the like that keep an event loop alive, each by its kind. */
  readonly active: readonly string[];
  /** Listeners of the process itself. */
  readonly listeners: number;
}

if (isMainThread && process.env.SLIPWAY_TEST_RESOURCES === 'on') {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  process.on('SIGUSR2', () => {
    // Twice: what was made a moment ago is given up by the first only.
    collect();
    collect();
    const { heapUsed, external } = process.memoryUsage();
    const line: ResourceLine = {
      msg: 'resources',
      level: 'debug',
      heapBytes: heapUsed,
      bufferBytes: external,
      active: process.getActiveResourcesInfo(),
      listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  });
}
