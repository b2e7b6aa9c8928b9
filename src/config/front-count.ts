import type { Config } from './config.js';

/** Where front processes are added by `auto`: one for this many cores. */
const coresForOne = 4;
const mostAutomatic = 4;

/** How many front processes serve. */
export function frontCount({ fronts, cores }: Pick<Config, 'fronts' | 'cores'>): number {
  if (fronts !== 'auto') return fronts;
  return Math.max(1, Math.min(mostAutomatic, Math.floor(cores / coresForOne)));
}
