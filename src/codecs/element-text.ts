import type { NumericData, Tensor } from '../core/tensor.js';
import { isKernelType } from './kernel/kernel.js';
import { type NonFinite, NumberText } from './kernel/number-text.js';

export type { NonFinite };

/** JSON text of the element at an index. */
export type ElementText = (index: number) => string;

/** The texts of a tensor's elements, one by one. */
export function elementText({ dataType, data }: Tensor, nonFinite: NonFinite): ElementText {
  if (dataType === 'BOOL') return (index) => (data[index] === 0 ? 'false' : 'true');
  if (!isKernelType(dataType)) return (index) => JSON.stringify(data[index]);
  return (index) => {
    let text = '';
    const numbers = new NumberText(dataType, data as NumericData, nonFinite, (memory, start, end) => {
      text += memory.toString('latin1', start, end);
    });
    numbers.nested([], 0, index, 1);
    numbers.finish();
    return text;
  };
}
