import { type MessagePort, parentPort } from 'node:worker_threads';
import type { ThreadTask } from '../../../src/inference/codec-threads/thread-messages.js';

/** A thread's program that does what the name of the codec says. */
const port = parentPort as MessagePort;

const acts: Readonly<Record<string, () => void>> = {
  refuse: () => port.postMessage({ kind: 'rejected', code: 'INVALID_ARGUMENT', message: 'no' }),
  fail: () => port.postMessage({ kind: 'failed', error: new Error('a fault') }),
  throw: () => {
    throw new Error('a crash');
  },
  exit: () => process.exit(3),
  hoard: () => {
    const hoard: object[] = [];
    for (;;) hoard.push({ hoard });
  },
  // Until it is ended from outside.
  hang: () => undefined,
};

port.on('message', ({ codec }: ThreadTask) => acts[codec]?.());
