/** Rounds a double to the nearest value of a narrower type. */
type Round = (value: number) => number;

/**
 * The shortest decimal that reads back to `value`, the nearest where there are several, of
 * two as near the even one, as JavaScript lays numbers out but with `.0` behind what is whole:
 * by trying, slowly. `value` is finite and of the type that `round` rounds to.
 */
export function shortestText(value: number, round: Round): string {
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  for (let digits = 1; digits <= 17; digits++) {
    const nearest = Number(value.toExponential(digits - 1));
    const step = 10 ** (Math.floor(Math.log10(Math.abs(value))) - digits + 1);
    // Just above a power of two the nearest may lie beyond the midpoint below, and the next one not above.
    const fitting = [
      nearest,
      Number((nearest + step).toPrecision(digits)),
      Number((nearest - step).toPrecision(digits)),
    ]
      .filter((candidate) => round(candidate) === value)
      .sort((a, b) => {
        const difference = Math.abs(a - value) - Math.abs(b - value);
        const isTie = Math.abs(difference) < Math.abs(value) * 2 ** -50;
        return isTie ? (lastDigit(a, digits) % 2) - (lastDigit(b, digits) % 2) : difference;
      });
    if (fitting.length > 0) return floatText(fitting[0] as number);
  }
  throw new Error(`no text for ${value}`);
}

/** As JavaScript writes a double, with `.0` behind what is whole and has no exponent. */
export function floatText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  return /^-?\d+$/.test(String(value)) ? `${value}.0` : String(value);
}

const lastDigit = (value: number, digits: number): number =>
  Number(
    value
      .toExponential(digits - 1)
      .replace(/e.*/, '')
      .at(-1),
  );
