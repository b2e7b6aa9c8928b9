import { bfloat16ToNumber, halfToNumber, numberToBfloat16, numberToHalf } from './half-float.js';

/** The shortest decimal text that reads back to the same value of the type, written as JSON writes numbers. */
export type FloatText = (value: number) => string;

/** `value` is finite. */
export const float64Text: FloatText = (value) => (Object.is(value, -0) ? '-0' : String(value));

/** `value` is finite and a float32. */
export const float32Text: FloatText = (value) => shortestText(value, 6, 9, Math.fround);

/** `value` is finite and a binary16 value. */
export const float16Text: FloatText = (value) => shortestText(value, 1, 5, (near) => halfToNumber(numberToHalf(near)));

/** `value` is finite and a bfloat16 value. */
export const bfloat16Text: FloatText = (value) =>
  shortestText(value, 1, 4, (near) => bfloat16ToNumber(numberToBfloat16(near)));

function shortestText(value: number, least: number, most: number, round: (value: number) => number): string {
  if (value === 0) return float64Text(value);
  for (let digits = least; digits < most; digits++) {
    const near = Number(value.toPrecision(digits));
    if (round(near) === value) return float64Text(near);
  }
  return float64Text(Number(value.toPrecision(most)));
}
