export { scan } from './array-scan';
export {
  elements,
  input,
  inputSize,
  output,
  outputSize,
  powersOfTen,
  secondResult,
  token,
  tokenSize,
  widePowers,
} from './memory';
export { read } from './number-read';
export { write } from './number-write';
