/** To the nearest whole number, and from the middle between two to the even one: what Python's `round` and C's `rint` do. */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
