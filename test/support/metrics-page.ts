type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

/** A page in Prometheus's text format, to be added up. */
export class MetricsPage {
  readonly #samples: readonly Sample[];

  constructor(page: string | readonly Sample[]) {
    this.#samples = typeof page === 'string' ? page.split('\n').flatMap(sampleOf) : page;
  }

  /** Of all series with these labels. */
  sum(name: string, labels: Labels = {}): number {
    return this.#matching(name, labels).reduce((sum, { value }) => sum + value, 0);
  }

  /** Of each series. */
  values(name: string): readonly number[] {
    return this.#matching(name, {}).map(({ value }) => value);
  }

  /** Each series of one metric, by its labels. */
  series(name: string): ReadonlyMap<string, Sample> {
    return new Map(this.#matching(name, {}).map((sample) => [JSON.stringify(sample.labels), sample]));
  }

  /** Sums by the values of one label. */
  sumBy(name: string, label: string, labels: Labels = {}): ReadonlyMap<string, number> {
    const sums = new Map<string, number>();
    for (const sample of this.#matching(name, labels)) {
      const key = sample.labels[label] ?? '';
      sums.set(key, (sums.get(key) ?? 0) + sample.value);
    }
    return sums;
  }

  #matching(name: string, labels: Labels): Sample[] {
    return this.#samples.filter(
      (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    );
  }
}

function sampleOf(line: string): Sample[] {
  const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  return name === undefined ? [] : [{ name, labels: labelsOf(labels), value: Number(value) }];
}

const labelsOf = (text: string): Labels =>
  Object.fromEntries(
    Array.from(text.matchAll(/(\w+)="([^"]*)"/g), ([, key, value]) => [key as string, value as string]),
  );

/** The samples of a page in Prometheus's text format: `name{label="value",…}` → value. */
export function samplesOf(page: string): ReadonlyMap<string, number> {
  const samples = new Map<string, number>();
  for (const line of page.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const space = line.lastIndexOf(' ');
    samples.set(line.slice(0, space), Number(line.slice(space + 1)));
  }
  return samples;
}

/** Names of the metrics of a page, with their types. */
export const metricTypesOf = (page: string): ReadonlyMap<string, string> =>
  new Map(Array.from(page.matchAll(/^# TYPE (\S+) (\S+)$/gm), ([, name, type]) => [name!, type!]));
