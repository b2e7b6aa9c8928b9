import { EngineLoop } from './engine-loop.js';
import { FrameInput } from './frame-input.js';
import { writeFrame } from './frame-output.js';
import { findNativeBinding } from './native-binding.js';
import { nativeSessions } from './native-session.js';
import { publicSessions } from './public-session.js';

/** The socket to the front process, as `spawnEngine` lays it. */
const frontFd = 3;

// When to stop is the front's decision: a signal meant for all processes of a group or a service must not cut runs off.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

const binding = process.argv.includes('--public-api') ? undefined : findNativeBinding();
const input = new FrameInput(frontFd);
const loop = new EngineLoop({
  openSession: binding === undefined ? await publicSessions() : nativeSessions(binding),
  next: () => input.next(),
  write: (chunks) => writeFrame(frontFd, chunks),
});
try {
  await loop.run();
} catch (error) {
  // The front went away in the middle of a frame.
  if (!['EPIPE', 'ECONNRESET'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
}
process.exit(0);
