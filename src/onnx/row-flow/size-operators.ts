/** Inputs from whose elements an operator takes the size of what it gives. */
export const sizeInputs: Readonly<Record<string, readonly number[]>> = {
  AffineGrid: [1],
  BlackmanWindow: [0],
  CenterCropPad: [1],
  Col2Im: [1, 2],
  ConstantOfShape: [0],
  DFT: [1, 2],
  Expand: [1],
  HammingWindow: [0],
  HannWindow: [0],
  MaxUnpool: [2],
  MelWeightMatrix: [0, 1, 2, 3, 4],
  OneHot: [1],
  Pad: [1, 3],
  Range: [0, 1, 2],
  ReduceL1: [1],
  ReduceL2: [1],
  ReduceLogSum: [1],
  ReduceLogSumExp: [1],
  ReduceMax: [1],
  ReduceMean: [1],
  ReduceMin: [1],
  ReduceProd: [1],
  ReduceSum: [1],
  ReduceSumSquare: [1],
  Reshape: [1],
  Resize: [1, 2, 3],
  STFT: [1, 3],
  SequenceAt: [1],
  SequenceErase: [1],
  Slice: [1, 2, 3, 4],
  Split: [1],
  SplitToSequence: [1],
  Squeeze: [1],
  Tile: [1],
  TopK: [1],
  Unsqueeze: [1],
  Upsample: [1],
};

/** What is given is as long as the elements of these inputs say: it is counted, chosen, found or split. */
export const countedInputs: Readonly<Record<string, readonly number[]>> = {
  Compress: [1],
  ImageDecoder: [0],
  NonMaxSuppression: [0, 1, 2, 3, 4],
  NonZero: [0],
  StringSplit: [0],
  Tokenizer: [0],
  Unique: [0],
};

/** What is given has the size of the first input, whatever is written into it. */
export const sizedByFirst: ReadonlySet<string> = new Set(['Scatter', 'ScatterElements', 'ScatterND', 'TensorScatter']);

/** What is given has a size of its own. */
export const sizedByFile: ReadonlySet<string> = new Set(['TfIdfVectorizer', 'SequenceLength', 'OptionalHasElement']);

/** Made by chance. */
export const randomOperators: ReadonlySet<string> = new Set([
  'Bernoulli',
  'Multinomial',
  'RandomNormal',
  'RandomNormalLike',
  'RandomUniform',
  'RandomUniformLike',
]);

/** One scale is taken from all elements of the first input, and so from all rows of a run. */
export const scaledByAll: ReadonlySet<string> = new Set([
  'DynamicQuantizeLSTM',
  'DynamicQuantizeLinear',
  'DynamicQuantizeMatMul',
]);
