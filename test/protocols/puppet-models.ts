import { type DataType, dataTypes } from '../../src/core/data-type.js';
import type { NamedTensor, Tensor } from '../../src/core/tensor.js';
import type { Dimension, TensorSpec } from '../../src/core/tensor-spec.js';
import type { PuppetModel } from './puppet-service.js';

const spec = (name: string, dataType: DataType, shape: readonly Dimension[]): TensorSpec => ({ name, dataType, shape });

const given = (inputs: ReadonlyMap<string, Tensor>, name: string): Tensor => inputs.get(name) as Tensor;

/** `y` is `x`. */
const echo = (inputs: ReadonlyMap<string, Tensor>): NamedTensor[] => [{ ...given(inputs, 'x'), name: 'y' }];

/** A model a type, `echo-int64` and so on, of rows of two. */
const echoes: PuppetModel[] = dataTypes.map((dataType) => ({
  name: `echo-${dataType.toLowerCase()}`,
  signature: {
    inputs: [spec('x', dataType, ['batch', 2])],
    outputs: [spec('y', dataType, ['batch', 2])],
  },
  compute: echo,
}));

const floats = (data: readonly number[], shape: readonly number[]): Tensor => ({
  dataType: 'FP32',
  shape,
  data: Float32Array.from(data),
});

const rowsOf = (tensor: Tensor): number => tensor.shape[0] as number;

/** Three classes, whatever the flower. */
const scores = (rows: number): number[] => Array.from({ length: rows }, () => [0.1, 0.7, 0.2]).flat();

export const puppetModels: readonly PuppetModel[] = [
  ...echoes,
  {
    name: 'brain-float',
    signature: {
      inputs: [{ ...spec('x', 'FP32', ['batch', 2]), modelDataType: 'BF16' }],
      outputs: [spec('y', 'FP32', ['batch', 2])],
    },
    compute: echo,
  },
  {
    name: 'house',
    signature: {
      inputs: [{ ...spec('x', 'FP32', ['batch', 3]), classLabels: ['height', 'width', 'city=Oslo'], isMap: true }],
      outputs: [spec('y', 'FP32', ['batch', 3])],
    },
    compute: echo,
  },
  {
    name: 'scalar',
    signature: { inputs: [spec('x', 'FP32', [])], outputs: [spec('y', 'FP32', [])] },
    batching: { kind: 'none', reason: 'no batch axis' },
    compute: echo,
  },
  {
    name: 'wide',
    signature: { inputs: [spec('x', 'FP32', ['batch', 3])], outputs: [spec('mean', 'FP32', [])] },
    batching: { kind: 'none', reason: 'its output has no batch axis' },
    compute: () => [{ name: 'mean', ...floats([2], []) }],
  },
  {
    name: 'pair',
    signature: {
      inputs: [spec('number', 'FP32', ['batch', 1]), spec('word', 'BYTES', ['batch', 1])],
      outputs: [spec('double', 'FP32', ['batch', 1]), spec('word_bytes', 'BYTES', ['batch', 1])],
    },
    compute: (inputs) => {
      const number = given(inputs, 'number');
      const doubles = [...(number.data as Float32Array)].map((value) => 2 * value);
      return [
        { name: 'double', ...floats(doubles, number.shape) },
        { ...given(inputs, 'word'), name: 'word_bytes' },
      ];
    },
  },
  {
    name: 'biased',
    signature: {
      inputs: [spec('x', 'FP32', ['batch', 2]), { ...spec('bias', 'FP32', [1]), optional: true }],
      outputs: [spec('y', 'FP32', ['batch', 2])],
    },
    compute: echo,
  },
  {
    name: 'flower',
    labels: ['stable'],
    signature: {
      inputs: [spec('x', 'FP32', ['batch', 4])],
      outputs: [
        spec('label', 'BYTES', ['batch']),
        { ...spec('probabilities', 'FP32', ['batch', 3]), classLabels: ['setosa', 'versicolor', 'virginica'] },
      ],
    },
    compute: (inputs) => {
      const rows = rowsOf(given(inputs, 'x'));
      return [
        { name: 'label', dataType: 'BYTES', shape: [rows], data: new Array<string>(rows).fill('versicolor') },
        { name: 'probabilities', ...floats(scores(rows), [rows, 3]) },
      ];
    },
  },
  {
    name: 'species',
    signature: {
      inputs: [spec('x', 'FP32', ['batch', 4])],
      outputs: [{ ...spec('scores', 'FP32', ['batch', 3]), classLabels: ['setosa', 'versi"color', 7], isMap: true }],
    },
    compute: (inputs) => {
      const rows = rowsOf(given(inputs, 'x'));
      return [{ name: 'scores', ...floats(scores(rows), [rows, 3]) }];
    },
  },
  {
    name: 'price',
    signature: { inputs: [spec('rooms', 'INT64', ['batch', 1])], outputs: [spec('price', 'FP32', ['batch', 1])] },
    compute: (inputs) => {
      const rooms = given(inputs, 'rooms');
      return [{ name: 'price', ...floats(Array.from(rooms.data as BigInt64Array, Number), rooms.shape) }];
    },
  },
  {
    name: 'past',
    signature: {
      inputs: [spec('past', 'FP32', ['batch', 2, 'past', 4])],
      outputs: [spec('shape', 'INT64', ['batch', 4])],
    },
    compute: (inputs) => {
      const { shape } = given(inputs, 'past');
      const rows = Array.from({ length: shape[0] as number }, () => shape.map(BigInt)).flat();
      return [{ name: 'shape', dataType: 'INT64', shape: [shape[0] as number, 4], data: BigInt64Array.from(rows) }];
    },
  },
  {
    name: 'broken',
    signature: { inputs: [], outputs: [] },
    reason: 'the file is truncated',
  },
];
