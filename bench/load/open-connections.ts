import type { ClientConnection } from './client-connection.js';

/** So many that a listening server's backlog is never full. */
const atOnce = 100;

/** Opens connections in groups, as thousands at once would overrun the server's backlog. */
export async function openConnections(
  count: number,
  open: () => Promise<ClientConnection>,
): Promise<ClientConnection[]> {
  const opened: ClientConnection[] = [];
  while (opened.length < count) {
    const group = Array.from({ length: Math.min(atOnce, count - opened.length) }, open);
    opened.push(...(await Promise.all(group)));
  }
  return opened;
}
