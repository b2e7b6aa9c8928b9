import type { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { cutOff } from '../protocol-server.js';

/** A caller that takes nothing of its answer for so long is cut off. */
export const usualStallTimeoutMs = 30_000;

const looks = 10;

/**
 * Ends the connection once the caller has taken nothing of what waits on it for so long. Returns what ends the watch.
 * Node's own timer counts what the system took of an answer that was written once, but it looks only when it is due, and
 * takes the first progress for the last: many short looks in a row that find none are needed.
 * @param timeouts where `timeout` is emitted: the socket, or the response that Node's server has on it
 */
export function watchForStall(socket: Socket, timeouts: EventEmitter, timeoutMs: number): () => void {
  const lookMs = Math.max(1, timeoutMs / looks);
  let idle = 0;
  let lastMs = 0;
  const onIdle = (): void => {
    const nowMs = performance.now();
    // A look that found progress is not told.
    idle = nowMs - lastMs < 1.8 * lookMs ? idle + 1 : 1;
    lastMs = nowMs;
    if (idle >= looks) cutOff(socket);
    else socket.setTimeout(lookMs);
  };
  timeouts.on('timeout', onIdle);
  socket.setTimeout(lookMs);
  return () => {
    timeouts.off('timeout', onIdle);
    socket.setTimeout(0);
  };
}

/** As `watchForStall`, until the response is taken; what Node does with the connection then counts for more. */
export function cutWhenStalled(response: ServerResponse, timeoutMs: number): void {
  const { socket } = response;
  // Absent where there is no connection, as in tests that inject requests, whose stand-in has no timer.
  if (socket === null || socket.setTimeout === undefined) return;
  response.prependOnceListener('finish', watchForStall(socket, response, timeoutMs));
}
