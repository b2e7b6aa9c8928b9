import type { ModelConfig, Tolerance } from '../core/model-config.js';

const usualTolerance: Tolerance = { absolute: 1e-4, relative: 1e-3 };
const exact: Tolerance = { absolute: 0, relative: 0 };

/** What numbers may differ by. Integers, which are labels and positions, do not differ unless somebody says so. */
export interface Tolerances {
  readonly floats: Tolerance;
  readonly integers: Tolerance;
}

/** `own`: what the golden request says itself, which counts for more than the model's settings. */
export function tolerancesOf({ rollout }: ModelConfig, own: Partial<Tolerance> | undefined): Tolerances {
  const { golden } = rollout ?? {};
  const given = own ?? (golden === 'off' ? undefined : golden);
  if (given === undefined) return { floats: usualTolerance, integers: exact };
  const tolerance = { ...usualTolerance, ...given };
  return { floats: tolerance, integers: tolerance };
}

/** NaN equals NaN, and an infinity itself. Both are of one type. */
export function isWithin(got: number | bigint, expected: number | bigint, { absolute, relative }: Tolerance): boolean {
  if (got === expected || Object.is(got, expected)) return true;
  // Large integers differ by what their doubles do not show.
  const distance = typeof got === 'bigint' ? Number(got - (expected as bigint)) : got - (expected as number);
  return Number.isFinite(distance) && Math.abs(distance) <= absolute + relative * Math.abs(Number(expected));
}

/** ` within 0.0011`; nothing where numbers have to be equal. */
export function withinText(expected: number, { absolute, relative }: Tolerance): string {
  const allowed = absolute + relative * Math.abs(expected);
  return allowed === 0 || !Number.isFinite(allowed) ? '' : ` within ${Number(allowed.toPrecision(3))}`;
}
