import { integerOf, type NodeOutline } from '../model-outline.js';
import { extractedRows, gatheredRows, joinedRows } from './picked-rows.js';
import { reshapedRows } from './reshaped-rows.js';
import { axisBeside, isListed, isRows, isSame, type Operand, type Rowwise, withSize } from './rowwise-operand.js';

const unary = [
  'Abs Acos Asin Atan Cast Ceil Celu Cos CategoryMapper Elu Erf Exp Floor Gelu HardSigmoid HardSwish Identity',
  'IsInf IsNaN LabelEncoder LeakyRelu Log Mish Neg Not Reciprocal RegexFullMatch Relu Round Selu Sigmoid Sign Sin',
  'Softplus Softsign Sqrt Tan Tanh ThresholdedRelu Binarizer',
];
const ofMaps = ['CastMap ZipMap'];
const broadcasting = [
  'Add And BitwiseAnd BitwiseOr BitwiseXor Clip Div Equal Greater GreaterOrEqual Less LessOrEqual Max Mean Min Mod Mul Or',
  'PRelu Pow StringConcat Sub Sum Where Xor',
];
/** A row of what they give follows from a row of their first input, which has columns; the others are weights. */
const keepingShape = ['BatchNormalization Imputer InstanceNormalization LRN Normalizer Scaler'];
const keepingRank = ['AveragePool Conv ConvTranspose GlobalAveragePool GlobalMaxPool MaxPool'];
const regressors = ['LinearRegressor SVMRegressor TreeEnsembleRegressor'];
const classifiers = ['LinearClassifier SVMClassifier TreeEnsembleClassifier'];
const reshaping = [
  'Flatten Reshape Squeeze Transpose Unsqueeze ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean',
  'ReduceMin ReduceProd ReduceSum ReduceSumSquare',
];
const set = (lines: readonly string[]): ReadonlySet<string> => new Set(lines.flatMap((line) => line.split(' ')));
const isUnary = set(unary);
const isOfMaps = set(ofMaps);
const isBroadcasting = set(broadcasting);
const isKeepingShape = set(keepingShape);
const isKeepingRank = set(keepingRank);
const isRegressor = set(regressors);
const isClassifier = set(classifiers);
const isReshaping = set(reshaping);
/** Those that work along the axis that an attribute names, by its default. */
export const defaultAxes: ReadonlyMap<string, number> = new Map([
  ...['Hardmax', 'LayerNormalization', 'LogSoftmax', 'LpNormalization', 'Softmax', 'TopK'].map(
    (operator) => [operator, -1] as const,
  ),
  ...['ArgMax', 'ArgMin'].map((operator) => [operator, 0] as const),
]);
const knownDomains = new Set(['', 'ai.onnx', 'ai.onnx.ml', 'com.microsoft']);

/**
 * Whether rows stay apart in the operator, for certain; what its outputs are then, the last one standing for all that
 * follow. Undefined: not known.
 */
export function rowwiseOutput(node: NodeOutline, operands: readonly Operand[]): readonly Operand[] | undefined {
  const { operator } = node;
  const [first] = operands;
  if (first === undefined || !knownDomains.has(node.domain)) return undefined;
  if (isClassifier.has(operator)) {
    const rows = rowsWithColumns(operands);
    return (
      rows && [
        { rank: 1, sizes: [] },
        { rank: 2, sizes: [undefined] },
      ]
    );
  }
  const given = onlyOutput(node, operands, first);
  return given && [given];
}

function onlyOutput(node: NodeOutline, operands: readonly Operand[], first: Operand): Operand | undefined {
  const { operator } = node;
  const [, second] = operands;
  if (isReshaping.has(operator)) return reshapedRows(node, first, second);
  if (isListed(first)) return isUnary.has(operator) && operands.length === 1 ? first : undefined;
  if (operands.some(isListed)) return undefined;
  if (isBroadcasting.has(operator)) return broadcast(operands);
  if (operator === 'Concat') return joinedRows(node, operands);
  if (operator === 'Gather' && second !== undefined) return gatheredRows(node, first, second);
  if (operator === 'ArrayFeatureExtractor' && second !== undefined) return extractedRows(first, second);
  if (!isRows(first) || !operands.slice(1).every(isSame)) return undefined;
  if (isUnary.has(operator) || isOfMaps.has(operator)) return first;
  if (defaultAxes.has(operator)) return besideRows(node, first);
  if (operator === 'OneHotEncoder') return { rank: first.rank === undefined ? undefined : first.rank + 1 };
  const rows = rowsWithColumns(operands);
  return rows && withWeights(node, rows, operands);
}

/** One axis would be that of the columns of one row. */
function rowsWithColumns([first, ...others]: readonly Operand[]): Rowwise | undefined {
  const isGiven = first !== undefined && isRows(first) && (first.rank ?? 0) >= 2 && others.every(isSame);
  return isGiven ? first : undefined;
}

function withWeights(node: NodeOutline, rows: Rowwise, [, weights, added]: readonly Operand[]): Rowwise | undefined {
  const { operator } = node;
  if (isKeepingShape.has(operator)) return integerOf(node, 'training_mode') === 1 ? undefined : rows;
  // The places that MaxPool tells are counted through all rows.
  if (isKeepingRank.has(operator)) return node.outputs.length > 1 ? undefined : { rank: rows.rank };
  if (operator === 'Gemm') return integerOf(node, 'transA') === 1 || !isForAll(added) ? undefined : { rank: 2 };
  if (isRegressor.has(operator)) {
    const targets = integerOf(node, operator === 'LinearRegressor' ? 'targets' : 'n_targets') ?? 1;
    return { rank: 2, sizes: [targets] };
  }
  if (operator !== 'MatMul' || !isSame(weights) || weights.same?.length !== 2) return undefined;
  return withSize(rows, (rows.rank as number) - 1, weights.same[1]);
}

/** Not a row for each place. */
const isForAll = (added: Operand | undefined): boolean =>
  added === undefined || (isSame(added) && added.same !== undefined && (added.same.length < 2 || added.same[0] === 1));

/** Rows meet rows of their own place, and what is the same for all rows reaches them all alike. */
function broadcast(operands: readonly Operand[]): Rowwise | undefined {
  const rows = operands.filter(isRows);
  const [first] = rows;
  if (first?.rank === undefined || rows.some(({ rank }) => rank !== first.rank)) return undefined;
  const rank = first.rank;
  const fits = operands.every((operand) => {
    if (isRows(operand)) return true;
    const same = isSame(operand) ? operand.same : undefined;
    return same !== undefined && (same.length < rank || (same.length === rank && same[0] === 1));
  });
  if (!fits) return undefined;
  const sizes = operands.map((operand) => {
    if (isRows(operand)) return operand.sizes ?? new Array<undefined>(rank - 1).fill(undefined);
    const same = (isSame(operand) && operand.same) || [];
    return [...new Array<number>(rank - same.length).fill(1), ...same].slice(1);
  });
  return { rank, sizes: Array.from({ length: rank - 1 }, (_, at) => broadcastSize(sizes.map((of) => of[at]))) };
}

/** One that is larger than 1 is that of all; else one that is not known may be larger. */
const broadcastSize = (sizes: readonly (number | undefined)[]): number | undefined =>
  sizes.find((size) => size !== undefined && size !== 1) ?? (sizes.includes(undefined) ? undefined : 1);

function besideRows(node: NodeOutline, rows: Rowwise): Rowwise | undefined {
  const { operator } = node;
  const isArg = operator.startsWith('Arg');
  // Softmax of old operator sets takes everything from axis 1 on.
  const axis = axisBeside(integerOf(node, 'axis') ?? (defaultAxes.get(operator) as number), rows.rank);
  // The others that LayerNormalization gives have another shape.
  if (axis === undefined || (operator === 'LayerNormalization' && node.outputs.length > 1)) return undefined;
  if (operator === 'TopK') return withSize(rows, axis, undefined);
  if (!isArg) return rows;
  if (integerOf(node, 'keepdims') !== 0) return withSize(rows, axis, 1);
  return { rank: rows.rank === undefined ? undefined : rows.rank - 1, sizes: rows.sizes?.toSpliced(axis - 1, 1) };
}
