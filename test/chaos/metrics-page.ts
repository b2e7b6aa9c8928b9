type Labels = Readonly<Record<string, string>>;

interface Sample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

/** A page in Prometheus's text format, to be added up. */
export class MetricsPage {
  readonly #samples: readonly Sample[];

  constructor(text: string) {
    this.#samples = text.split('\n').flatMap((line) => {
      const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      return name === undefined ? [] : [{ name, labels: labelsOf(labels), value: Number(value) }];
    });
  }

  /** Of all series with these labels. */
  sum(name: string, labels: Labels = {}): number {
    return this.#matching(name, labels).reduce((sum, { value }) => sum + value, 0);
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

const labelsOf = (text: string): Labels =>
  Object.fromEntries(
    Array.from(text.matchAll(/(\w+)="([^"]*)"/g), ([, key, value]) => [key as string, value as string]),
  );
