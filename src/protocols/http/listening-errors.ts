import type { Server } from 'node:net';

/** How often what keeps going wrong is told. */
const repeatMs = 60_000;

/**
 * What goes wrong with a server that listens (out of file descriptors, say) is told, at most once a minute: an error that
 * nobody hears would end the process. Failing to listen is for whoever asked for it.
 */
export function hearListeningErrors(server: Server, tell: (error: Error) => void): void {
  let toldAtMs = Number.NEGATIVE_INFINITY;
  server.once('listening', () => {
    server.on('error', (error) => {
      const nowMs = performance.now();
      if (nowMs - toldAtMs < repeatMs) return;
      toldAtMs = nowMs;
      tell(error);
    });
  });
}
