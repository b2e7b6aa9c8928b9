import type { Socket } from 'node:net';
import type { InferenceTools } from '../inference/inference-method.js';

/** What answers callers of one listener. The Service starts, drains and closes it; whoever makes it starts nothing. */
export interface ProtocolServer {
  /** Of its listener, such as `http`. */
  readonly name: string;
  /** Listens at its own address; at `path` alone where its connections come by `take`. Resolves with the address. */
  listen(path?: string): Promise<string>;
  /** A connection of its listener that another process accepted; nothing of it was read. */
  take(connection: Socket): void;
  /** From here on callers are told to go elsewhere; what they send is answered still. */
  drain(): void;
  /** Takes nothing any more; resolves once what was taken is answered and every connection closed. */
  close(): Promise<void>;
  /** Time is up: ends every connection. */
  destroy(): void;
}

/** Makes a protocol's server. */
export type CreateServer = (tools: InferenceTools) => ProtocolServer | Promise<ProtocolServer>;

/**
 * Ends a connection whose caller takes nothing, by a reset: after a mere close the system would go on holding megabytes
 * that nobody takes, for minutes, and the caller would not learn of it until it had read them.
 */
export function cutOff(socket: Socket): void {
  try {
    socket.resetAndDestroy();
  } catch {
    // It is not TCP itself, or has no handle any more.
    socket.destroy();
  }
}
