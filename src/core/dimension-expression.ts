/** How a dimension's size follows from others, as exporters write it: `past_sequence_length + sequence_length`, `floor(s0/2) + 1`. */
export type DimensionExpression =
  | { readonly kind: 'symbol'; readonly name: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'call'; readonly apply: Operation; readonly operands: readonly DimensionExpression[] };

type Operation = (...operands: number[]) => number;

const operators: Readonly<Record<string, Operation>> = {
  '+': (a, b) => a! + b!,
  '-': (a, b) => a! - b!,
  '*': (a, b) => a! * b!,
  '/': (a, b) => a! / b!,
  '//': (a, b) => Math.floor(a! / b!),
  '%': (a, b) => a! - b! * Math.floor(a! / b!),
  '**': (a, b) => a! ** b!,
};

const modulo = operators['%']!;
const floorDivision = operators['//']!;

/** As SymPy, PyTorch and onnxruntime's shape inference name them, in small letters, with how many operands they take. */
const functions: ReadonlyMap<string, readonly [Operation, fewest: number, most: number]> = new Map([
  ['floor', [Math.floor, 1, 1]],
  ['ceil', [Math.ceil, 1, 1]],
  ['ceiling', [Math.ceil, 1, 1]],
  ['trunc', [Math.trunc, 1, 1]],
  ['abs', [Math.abs, 1, 1]],
  ['min', [Math.min, 1, 16]],
  ['max', [Math.max, 1, 16]],
  ['mod', [modulo, 2, 2]],
  ['pythonmod', [modulo, 2, 2]],
  ['floordiv', [floorDivision, 2, 2]],
  ['cleandiv', [floorDivision, 2, 2]],
  ['ceildiv', [(a, b) => Math.ceil(a! / b!), 2, 2]],
]);

/** What is longer, or nested deeper, is a name. */
const longestText = 512;
const deepestNesting = 32;

/**
 * Reads a dimension's name as an expression; undefined where it is just a name. A hyphen or slash right between two
 * words (`batch-size`) belongs to a name, unless all the words are `symbols` of their own.
 */
export function parseDimension(text: string, symbols?: ReadonlySet<string>): DimensionExpression | undefined {
  if (text.length > longestText || !/[-+*/%(]/.test(text)) return undefined;
  const tokens = tokensOf(text, symbols);
  if (tokens === undefined) return undefined;
  const expression = new ExpressionReader(tokens).read();
  // A number or a name in parentheses is a name.
  return expression?.kind === 'call' ? expression : undefined;
}

/** The size that an expression gives; undefined where that is no size: negative, broken or beyond all measure. */
export function evaluateDimension(
  expression: DimensionExpression,
  sizeOf: (symbol: string) => number,
): number | undefined {
  const size = sizeIn(expression, sizeOf);
  return Number.isInteger(size) && size >= 0 && size < 2 ** 40 ? size : undefined;
}

function sizeIn(expression: DimensionExpression, sizeOf: (symbol: string) => number): number {
  if (expression.kind === 'number') return expression.value;
  if (expression.kind === 'symbol') return sizeOf(expression.name);
  return expression.apply(...expression.operands.map((operand) => sizeIn(operand, sizeOf)));
}

/** The names that an expression is made of, each once. */
export function symbolsOf(expression: DimensionExpression, found = new Set<string>()): ReadonlySet<string> {
  if (expression.kind === 'symbol') found.add(expression.name);
  if (expression.kind === 'call') for (const operand of expression.operands) symbolsOf(operand, found);
  return found;
}

type Token =
  | { readonly kind: 'name' | 'sign'; readonly text: string }
  | { readonly kind: 'number'; readonly value: number };

const word = String.raw`[\p{L}_][\p{L}\p{N}_.:$#@[\]]*`;
const nextToken = new RegExp(
  String.raw`\s*(?:(?<name>${word}(?:[-/]${word})*)|(?<number>\d+(?:\.\d+)?)|(?<sign>\*\*|//|[-+*/%(),]))\s*`,
  'uy',
);

function tokensOf(text: string, symbols: ReadonlySet<string> | undefined): Token[] | undefined {
  const tokens: Token[] = [];
  for (let position = 0; position < text.length; ) {
    nextToken.lastIndex = position;
    const found = nextToken.exec(text);
    if (found === null) return undefined;
    position = nextToken.lastIndex;
    const { name, number, sign } = found.groups as Record<'name' | 'number' | 'sign', string | undefined>;
    if (name !== undefined) tokens.push(...wordsOf(name, symbols));
    else if (number !== undefined) tokens.push({ kind: 'number', value: Number(number) });
    else tokens.push({ kind: 'sign', text: sign as string });
  }
  return tokens;
}

function wordsOf(name: string, symbols: ReadonlySet<string> | undefined): Token[] {
  const parts = name.split(/([-/])/);
  const areSymbols = parts.length > 1 && parts.every((part, index) => index % 2 === 1 || symbols?.has(part) === true);
  if (!areSymbols) return [{ kind: 'name', text: name }];
  return parts.map((part, index) => ({ kind: index % 2 === 1 ? 'sign' : 'name', text: part }));
}

/** By recursive descent. */
class ExpressionReader {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  read(): DimensionExpression | undefined {
    const expression = this.#sum();
    return this.#next === this.#tokens.length ? expression : undefined;
  }

  #sum(): DimensionExpression | undefined {
    return this.#leftToRight(['+', '-'], () => this.#leftToRight(['*', '/', '//', '%'], () => this.#signed()));
  }

  #leftToRight(signs: readonly string[], read: () => DimensionExpression | undefined): DimensionExpression | undefined {
    let left = read();
    for (let sign = this.#takeSign(signs); sign !== undefined; sign = this.#takeSign(signs)) {
      const right = read();
      left = left && right && call(operators[sign]!, left, right);
    }
    return left;
  }

  #signed(): DimensionExpression | undefined {
    if (this.#takeSign(['-']) !== undefined) {
      const operand = this.#nested(() => this.#signed());
      return operand && call((value) => -value!, operand);
    }
    const base = this.#operand();
    if (base === undefined || this.#takeSign(['**']) === undefined) return base;
    const exponent = this.#nested(() => this.#signed());
    return exponent && call(operators['**']!, base, exponent);
  }

  #operand(): DimensionExpression | undefined {
    const token = this.#tokens[this.#next];
    if (token === undefined) return undefined;
    if (token.kind === 'sign') {
      const [inner, ...others] = this.#takeSign(['(']) === undefined ? [] : this.#list();
      return others.length === 0 ? inner : undefined;
    }
    this.#next++;
    if (token.kind === 'number') return token;
    if (this.#takeSign(['(']) === undefined) return { kind: 'symbol', name: token.text };
    const operands = this.#list();
    const [apply, fewest, most] = functions.get(token.text.toLowerCase()) ?? [undefined, 0, 0];
    return apply && operands.length >= fewest && operands.length <= most ? call(apply, ...operands) : undefined;
  }

  /** What stands between parentheses, the first of which was taken; empty where it is no list of expressions. */
  #list(): readonly DimensionExpression[] {
    const list: DimensionExpression[] = [];
    do {
      const expression = this.#nested(() => this.#sum());
      if (expression === undefined) return [];
      list.push(expression);
    } while (this.#takeSign([',']) !== undefined);
    return this.#takeSign([')']) === undefined ? [] : list;
  }

  #nested(read: () => DimensionExpression | undefined): DimensionExpression | undefined {
    if (this.#depth === deepestNesting) return undefined;
    this.#depth++;
    const expression = read();
    this.#depth--;
    return expression;
  }

  #takeSign(signs: readonly string[]): string | undefined {
    const token = this.#tokens[this.#next];
    if (token?.kind !== 'sign' || !signs.includes(token.text)) return undefined;
    this.#next++;
    return token.text;
  }
}

const call = (apply: Operation, ...operands: readonly DimensionExpression[]): DimensionExpression => ({
  kind: 'call',
  apply,
  operands,
});
