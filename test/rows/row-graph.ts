import { type Attribute, ElementType, type GraphShape, GraphWriter } from '../../bench/recipes/graph-writer.js';
import { numberToHalf } from '../../src/codecs/half-float.js';
import type { DataType } from '../../src/core/data-type.js';
import { allocate, elementCount, type TensorData } from '../../src/core/tensor.js';
import type { Tensors } from '../conformance/tensors.js';
import type { Random } from '../support/random.js';

export const elementTypes = {
  FP32: ElementType.FLOAT,
  FP64: ElementType.DOUBLE,
  FP16: ElementType.FLOAT16,
  INT64: ElementType.INT64,
  INT32: ElementType.INT32,
  UINT8: ElementType.UINT8,
  INT8: ElementType.INT8,
  BOOL: ElementType.BOOL,
  BYTES: ElementType.STRING,
} as const satisfies Partial<Record<DataType, ElementType>>;

export type UsedType = keyof typeof elementTypes;

/** An element of a request; a flag is 0 or 1. */
export type Draw = (random: Random) => number | string;

interface Field {
  readonly name: string;
  readonly type: UsedType;
  readonly shape: GraphShape;
  readonly draw: Draw;
}

/** Rows of a request, at most, and the size of its other free dimensions, at most. */
const mostRows = 4;
const longest = 6;

/** A model and the requests that suit it. The dimension `batch` is that of the rows, wherever it stands. */
export class RowGraph extends GraphWriter {
  readonly #fields: Field[] = [];
  readonly #outputShapes = new Map<string, GraphShape>();
  /** A request has so many rows, at most. */
  mostRows = mostRows;

  /** An input, and how a request fills it. */
  takes(name: string, type: UsedType, shape: GraphShape, draw: Draw): string {
    this.#fields.push({ name, type, shape, draw });
    return this.input(name, elementTypes[type], shape);
  }

  /** Floats around zero: the commonest input. */
  floatRows(shape: GraphShape, spread = 1, name = 'x'): string {
    return this.takes(name, 'FP32', ['batch', ...shape], (random) => (2 * random.next() - 1) * spread);
  }

  op(opType: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    return this.node(opType, inputs, { attributes });
  }

  /** Makes a value an output. */
  gives(value: string, type: UsedType, shape: GraphShape, name = `y${this.#outputShapes.size || ''}`): void {
    this.#outputShapes.set(name, shape);
    this.node('Identity', [value], { outputs: [name] });
    this.output(name, elementTypes[type], shape);
  }

  /** The number of rows, as a tensor of one integer. */
  rowCount(of: string): string {
    return this.op('Gather', [this.op('Shape', [of]), this.integers([0])]);
  }

  scalar(value: number): string {
    return this.floats([value], []);
  }

  /** A request; requests of one model need not have the same sizes. */
  readonly question = (random: Random, rows = 1 + random.integer(this.mostRows)): Tensors => {
    const sizes = new Map<string, number>([['batch', rows]]);
    const sizeOf = (name: string): number => {
      if (!sizes.has(name)) sizes.set(name, 1 + random.integer(longest));
      return sizes.get(name) as number;
    };
    return Object.fromEntries(
      this.#fields.map(({ name, type, shape, draw }) => {
        const resolved = shape.map((size) => (typeof size === 'number' ? size : sizeOf(size ?? 'batch')));
        const elements = Array.from({ length: elementCount(resolved) }, () => draw(random));
        return [name, { dataType: type, shape: resolved, data: dataOf(type, elements) }];
      }),
    );
  };

  /** Axis of the rows in each input and output that has one. */
  get rowAxes(): RowAxes {
    return {
      inputs: axesOf(this.#fields.map(({ name, shape }) => [name, shape])),
      outputs: axesOf(this.#outputShapes),
    };
  }
}

export interface RowAxes {
  readonly inputs: ReadonlyMap<string, number>;
  readonly outputs: ReadonlyMap<string, number>;
}

const axesOf = (shapes: Iterable<readonly [name: string, shape: GraphShape]>): ReadonlyMap<string, number> =>
  new Map(
    [...shapes].map(([name, shape]) => [name, shape.indexOf('batch')] as const).filter(([, axis]) => axis !== -1),
  );

function dataOf(type: UsedType, elements: readonly (number | string)[]): TensorData {
  if (type === 'BYTES') return elements.map(String);
  const data = allocate(type, elements.length) as Exclude<TensorData, readonly string[]>;
  elements.forEach((element, at) => {
    const number = Number(element);
    if (type === 'INT64') data[at] = BigInt(number);
    else data[at] = type === 'FP16' ? numberToHalf(number) : number;
  });
  return data;
}

export const uniform =
  (spread: number): Draw =>
  (random) =>
    (2 * random.next() - 1) * spread;

/** Whole numbers from `first` up to but not `limit`. */
export const whole =
  (limit: number, first = 0): Draw =>
  (random) =>
    first + random.integer(limit - first);

export const oneOf =
  (texts: readonly string[]): Draw =>
  (random) =>
    texts[random.integer(texts.length)] as string;
