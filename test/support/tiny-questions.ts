import { type Asker, expecting } from './question.js';

/** Whole numbers, without the quotient that ends a process. */
export const division: Asker = (random) => {
  const a = random.between(-(2 ** 31) + 1, 2 ** 31 - 1);
  const b = random.pick([-1000, -7, -1, 1, 3, 12_345]);
  return {
    path: '/v1/models/divide/predict',
    body: JSON.stringify({ instances: [{ a, b }] }),
    // Minus zero is printed as zero.
    fault: expecting({ predictions: [Math.trunc(a / b) + 0] }),
  };
};

/** To a copy of the model `spin`: some rows doubled, in about a microsecond for each of at most so many steps. */
export const doubling =
  (model: string, mostSteps: number): Asker =>
  (random) => {
    const rows = Array.from({ length: random.between(1, 3) }, () => random.between(0, mostSteps));
    return {
      path: `/v1/models/${model}/predict`,
      body: JSON.stringify({ instances: rows }),
      fault: expecting({ predictions: rows.map((row) => 2 * row) }),
    };
  };

export const counting: Asker = (random) => {
  const shape = [random.between(1, 30), random.between(1, 30)];
  return {
    path: '/v1/models/ones/predict',
    body: JSON.stringify({ inputs: shape }),
    fault: expecting({ outputs: (shape[0] as number) * (shape[1] as number) }),
  };
};

/** Rows of some width, each of which becomes its sum: requests of different widths do not share runs. */
export const summing =
  (mostRows: number, mostColumns: number): Asker =>
  (random) => {
    const columns = random.between(1, mostColumns);
    const rows = Array.from({ length: random.between(1, mostRows) }, () => {
      const value = random.between(-9, 9);
      return new Array<number>(columns).fill(value);
    });
    return {
      path: '/v1/models/row-sum/predict',
      body: JSON.stringify({ instances: rows }),
      fault: expecting({ predictions: rows.map(([value = 0]) => value * columns + 0) }),
    };
  };

/** To a model whose version k multiplies by k, now and then many rows: the answer must be of the version that the answer names. */
export const multiplying =
  (model: string): Asker =>
  (random) => {
    const count = random.next() < 0.05 ? 400 : 1;
    const rows = Array.from({ length: count }, () => [random.between(-1000, 1000), random.between(-1000, 1000)]);
    return {
      path: `/v1/models/${model}/predict`,
      body: JSON.stringify({ instances: rows }),
      fault: (body, { headers }) => {
        const factor = Number(headers['x-model-version']);
        return expecting({ predictions: rows.map((row) => row.map((value) => value * factor + 0)) })(body, {
          status: 200,
          headers,
          text: '',
        });
      },
    };
  };
