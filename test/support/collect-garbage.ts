/** Loaded into a server with `--import`: collects all garbage whenever it is sent SIGUSR2, so that what is left is in use. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  process.on('SIGUSR2', () => {
    // Twice: what was made a moment ago is given up by the first only.
    collect();
    collect();
  });
}
