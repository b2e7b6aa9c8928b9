/** A process that sends each handle it is given back so many times, and ends with who gave it. */
import type { Server } from 'node:net';

process.on('message', (copies: number, handle: Server) => {
  for (let copy = 0; copy < copies; copy++) process.send?.(copy, handle, { keepOpen: true });
});
process.on('disconnect', () => process.exit());
