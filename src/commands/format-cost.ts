import type { ServingTrial } from './try-serving.js';

type Costs = ServingTrial['costs'];

/** `52 µs for 1 row, 71 µs for 32, 1.3 ms for 1024`. */
export const formatCosts = (costs: Costs): string => costs.map(formatCost).join(', ');

function formatCost(cost: Costs[number]): string {
  const { ms } = cost;
  const time = ms < 1 ? `${Math.max(1, Math.round(ms * 1000))} µs` : `${ms.toFixed(1)} ms`;
  const [size, unit] = 'rows' in cost ? [Math.round(cost.rows), 'row'] : [Math.round(cost.tokens), 'token'];
  return `${time} for ${size === 1 ? `1 ${unit}` : size}`;
}

const mostShown = 5;

/** The smallest, the largest and a few between them. */
export function someOf(costs: Costs): Costs {
  if (costs.length <= mostShown) return costs;
  const step = (costs.length - 1) / (mostShown - 1);
  return Array.from({ length: mostShown }, (_, index) => costs[Math.round(index * step)]!);
}
