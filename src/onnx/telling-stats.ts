import { setTimeout as delay } from 'node:timers/promises';
import type { FileStats } from '../core/engine-files.js';

/** The clocks of file systems tick: two writes within so long may leave a file the same times. */
const tickMs = 20;
/** A file that goes on being written shows that it changed soon enough. */
const mostLooks = 4;

/** Looks at a file until its times would tell a write from now on: until its last change is older than a tick. */
export async function tellingStats<Stats extends FileStats>(look: () => Promise<Stats>): Promise<Stats> {
  for (let looks = 1; ; looks++) {
    const stats = await look();
    const ageMs = Date.now() - Number(stats.ctimeNs / 1_000_000n);
    // Another machine's clock may be ahead.
    if (ageMs < 0 || ageMs >= tickMs || looks === mostLooks) return stats;
    await delay(tickMs - ageMs);
  }
}
