/** A content encoding and its weight, from 0, not acceptable, to 1. */
type Weights = ReadonlyMap<string, number>;

const weightPattern = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i;

/**
 * The content encoding that an `Accept-Encoding` header likes best, of several the first of `available`; undefined where
 * the answer is better sent as it is.
 */
export function acceptedEncoding<Encoding extends string>(
  header: string | string[] | undefined,
  available: readonly Encoding[],
): Encoding | undefined {
  if (header === undefined) return undefined;
  const weights = weightsOf(String(header));
  const identity = weights.get('identity') ?? 0;
  let best: Encoding | undefined;
  let bestWeight = 0;
  for (const encoding of available) {
    const weight = weights.get(encoding) ?? weights.get('*') ?? 0;
    if (weight > bestWeight && weight >= identity) {
      best = encoding;
      bestWeight = weight;
    }
  }
  return best;
}

function weightsOf(header: string): Weights {
  const weights = new Map<string, number>();
  for (const item of header.toLowerCase().split(',')) {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim());
    const weight = parameters
      .map((parameter) => weightPattern.exec(parameter)?.[1])
      .find((found) => found !== undefined);
    weights.set(name.replace(/^x-/, ''), Number(weight ?? 1));
  }
  return weights;
}
