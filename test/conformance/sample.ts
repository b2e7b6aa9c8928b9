import { statSync } from 'node:fs';
import type { ConformanceCase } from './corpus.js';

/** The fewest small models that have every group, every thing the bare engine does, and every trait at least once. */
export function sampleOf(cases: readonly ConformanceCase[]): ConformanceCase[] {
  const seen = new Set<string>();
  const bySize = cases
    .map((found) => ({ found, bytes: statSync(found.modelPath).size }))
    .sort((a, b) => b.found.traits.length - a.found.traits.length || a.bytes - b.bytes);
  return bySize
    .map(({ found }) => found)
    .filter((found) => {
      const fresh = traitsOf(found).filter((trait) => !seen.has(trait));
      for (const trait of fresh) seen.add(trait);
      return fresh.length > 0;
    });
}

const traitsOf = ({ suite, group, bareEngine, traits }: ConformanceCase): string[] => [
  `${suite}/${group}`,
  `${suite}: ${bareEngine}`,
  ...traits,
];
