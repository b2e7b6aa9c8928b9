import type { Tensor } from '../core/tensor.js';
import { bfloat16Text, type FloatText, float16Text, float32Text, float64Text } from './float-text.js';
import { bfloat16ToNumber, halfToNumber } from './half-float.js';

/** What stands for NaN and the infinities: `null`, the bare token, or the token as a string. */
export type NonFinite = 'null' | 'token' | 'string';

/** JSON text of the element at an index. */
export type ElementText = (index: number) => string;

export function elementText({ dataType, data }: Tensor, nonFinite: NonFinite): ElementText {
  const floats =
    (text: FloatText, toNumber: (element: number) => number = Number): ElementText =>
    (index) => {
      const value = toNumber(data[index] as number);
      return Number.isFinite(value) ? text(value) : nonFiniteText(value, nonFinite);
    };
  switch (dataType) {
    case 'FP64':
      return floats(float64Text);
    case 'FP32':
      return floats(float32Text);
    case 'FP16':
      return floats(float16Text, halfToNumber);
    case 'BF16':
      return floats(bfloat16Text, bfloat16ToNumber);
    case 'BOOL':
      return (index) => (data[index] === 0 ? 'false' : 'true');
    case 'BYTES':
      return (index) => JSON.stringify(data[index]);
    default:
      return (index) => String(data[index]);
  }
}

function nonFiniteText(value: number, nonFinite: NonFinite): string {
  if (nonFinite === 'null') return 'null';
  return nonFinite === 'token' ? String(value) : `"${value}"`;
}
