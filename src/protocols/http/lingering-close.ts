import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** How long a client may go on sending, or leave its end open, when nothing of it is read any more. */
const lingerMs = 5000;

const passOver = (): void => undefined;

/**
 * Ends the server's side of a connection, passes over what still comes, and closes when the client has closed too. A mere
 * close would answer bytes that nobody read with a reset, which may take the last response from the client.
 */
export function closeLingering(socket: Duplex): void {
  if (socket.destroyed) return;
  socket.removeAllListeners('data').pause();
  // Node's parser reads the connection, and may have stopped: it goes on with it, and gives it back for a listener of ours.
  socket.once('resume', () => socket.on('data', passOver)).resume();
  socket.end();
  const patience = setTimeout(() => socket.destroy(), lingerMs).unref();
  socket.once('close', () => clearTimeout(patience));
}

/** Has Node's server close like that behind the last response of a connection. To be called before it listens. */
export function lingerBehindLastResponse(server: Server, connectionEvent: 'connection' | 'secureConnection'): void {
  server.on(connectionEvent, (socket) => {
    socket.destroySoon = () => closeLingering(socket);
  });
}
