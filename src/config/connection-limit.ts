import { readFileSync } from 'node:fs';

/** Kept free of connections at most and at least, as far as half of all are that many. */
const mostReserved = 1024;
const leastReserved = 96;

/**
 * How many connections one process may hold so that enough file descriptors are left for engine processes, models and logs:
 * a server that has none left can neither replace an engine nor reject anybody. Infinity where there is no limit.
 */
export function connectionLimit(openFiles: number = openFilesLimit()): number {
  const reserved = Math.min(mostReserved, Math.max(leastReserved, openFiles / 4), openFiles / 2);
  return Math.max(1, Math.floor(openFiles - reserved));
}

/** Files this process may have open; Infinity where the system does not say. */
export function openFilesLimit(text: string = limitsText()): number {
  const soft = /^Max open files\s+(\d+)/m.exec(text)?.[1];
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
}

function limitsText(): string {
  try {
    return readFileSync('/proc/self/limits', 'latin1');
  } catch {
    return '';
  }
}
