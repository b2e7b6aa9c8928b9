import { writevSync } from 'node:fs';

/** Writes a frame to a blocking file descriptor, whole. */
export function writeFrame(fd: number, chunks: readonly Uint8Array[]): void {
  let rest = chunks;
  for (;;) {
    let written = writevSync(fd, rest);
    let whole = 0;
    while (whole < rest.length && written >= (rest[whole] as Uint8Array).length) {
      written -= (rest[whole++] as Uint8Array).length;
    }
    if (whole === rest.length) return;
    const [first, ...others] = rest.slice(whole) as [Uint8Array, ...Uint8Array[]];
    rest = [first.subarray(written), ...others];
  }
}
