import { readFileSync } from 'node:fs';

/**
 * Bytes that V8 set aside for machine code as writable memory, as some versions do (Node 24: 512 MiB, of which a few
 * are ever touched). A limit on data counts all of them, in an engine process as in this one.
 */
export function codeRangeBytes(): number {
  try {
    return writableCode(readFileSync('/proc/self/maps', 'latin1'));
  } catch {
    return 0;
  }
}

function writableCode(maps: string): number {
  let bytes = 0;
  for (const [, from = '0', to = '0'] of maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) rwxp /gm)) {
    bytes += Number.parseInt(to, 16) - Number.parseInt(from, 16);
  }
  return bytes;
}
