/**
 * Whether two values of JSON are the same, but for numbers that lie 1e-5 apart: how the engine adds up depends on what shares a
 * run, and on where the input lies in memory.
 */
export function isNearlySame(left: unknown, right: unknown): boolean {
  if (typeof left === 'number' && typeof right === 'number')
    return Math.abs(left - right) <= 1e-5 * (1 + Math.abs(left));
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return left === right;
  const entries = Object.entries(left);
  const others = right as Readonly<Record<string, unknown>>;
  return (
    entries.length === Object.keys(others).length && entries.every(([name, value]) => isNearlySame(value, others[name]))
  );
}
