/** A sample of a page in OpenMetrics' text format. */
export interface OpenMetricsSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly exemplar?: {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
    readonly timestamp: number;
  };
}

interface Family {
  readonly name: string;
  readonly type: string;
  readonly samples: OpenMetricsSample[];
}

const suffixes: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total', '_created'],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count', '_created'],
  summary: ['', '_sum', '_count', '_created'],
};

const name = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const labelPair = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
const labelSet = `\\{((?:${labelPair}(?:,${labelPair})*)?)\\}`;
const number = '([+-]?(?:\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?|Inf)|NaN)';
const sampleLine = new RegExp(`^(${name})(?:${labelSet})? ${number}(?: # ${labelSet} ${number}(?: ${number})?)?$`, 'i');
const helpLine = new RegExp(`^# HELP (${name}) (?:[^"\\\\]|\\\\["\\\\n])*$`);
const typeLine = new RegExp(`^# TYPE (${name}) (counter|gauge|histogram|summary)$`);

/** As Go, Python and the specification write a bound. */
const canonicalBound = /^(?:\d+\.\d+|\d(?:\.\d+)?e[+-]\d\d|\+Inf)$/;

/** The samples of a page; throws where it is not what OpenMetrics 1.0 allows. */
export function openMetricsSamples(page: string): readonly OpenMetricsSample[] {
  if (!page.endsWith('\n# EOF\n')) throw new Error('the page does not end with # EOF');
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let family: Family | undefined;
  for (const line of page.slice(0, -'# EOF\n'.length).trimEnd().split('\n')) {
    const help = helpLine.exec(line);
    const type = typeLine.exec(line);
    if (type !== null) {
      const [, familyName, kind] = type as unknown as [string, string, string];
      if (families.has(familyName)) throw new Error(`${familyName} comes twice`);
      family = { name: familyName, type: kind, samples: [] };
      families.set(familyName, family);
    } else if (help === null) {
      if (family === undefined) throw new Error(`no TYPE before ${line}`);
      const sample = sampleOf(line);
      const { type: kind, name: familyName } = family;
      if (!suffixes[kind]?.some((suffix) => sample.name === familyName + suffix)) {
        throw new Error(`a ${kind} ${familyName} has no ${line}`);
      }
      const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
      if (seen.has(key)) throw new Error(`twice: ${line}`);
      seen.add(key);
      family.samples.push(sample);
    }
  }
  for (const one of families.values()) if (one.type === 'histogram') checkHistogram(one);
  return [...families.values()].flatMap(({ samples }) => samples);
}

function sampleOf(line: string): OpenMetricsSample {
  const match = sampleLine.exec(line);
  if (match === null) throw new Error(`no sample: ${line}`);
  const [, sampleName = '', labels = '', value, exemplarLabels, exemplarValue, timestamp] = match;
  const sample = { name: sampleName, labels: labelsOf(labels), value: numberOf(value as string) };
  if (exemplarLabels === undefined) return sample;
  if (!/_(bucket|total)$/.test(sampleName)) throw new Error(`an exemplar has no place at ${line}`);
  const shown = labelsOf(exemplarLabels);
  const length = Object.entries(shown).flat().join('').length;
  if (length > 128) throw new Error(`an exemplar of ${length} characters: ${line}`);
  const exemplar = { labels: shown, value: numberOf(exemplarValue as string), timestamp: Number(timestamp) };
  const { le } = sample.labels;
  if (le !== undefined && exemplar.value > numberOf(le)) throw new Error(`an exemplar above its bucket: ${line}`);
  return { ...sample, exemplar };
}

const numberOf = (text: string): number => Number(text.replace(/inf/i, 'Infinity'));

const labelsOf = (text: string) =>
  Object.fromEntries(Array.from(text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g), ([, key, value]) => [key!, value!]));

function checkHistogram({ name: familyName, samples }: Family): void {
  const series = new Map<string, OpenMetricsSample[]>();
  for (const sample of samples) {
    const { le: _, ...labels } = sample.labels;
    const key = JSON.stringify(Object.entries(labels).sort());
    series.set(key, [...(series.get(key) ?? []), sample]);
  }
  for (const [labels, ofSeries] of series) {
    const buckets = ofSeries.filter((sample) => sample.name.endsWith('_bucket'));
    const bounds = buckets.map((bucket) => bucket.labels.le ?? '');
    const odd = bounds.find((bound) => !canonicalBound.test(bound));
    if (odd !== undefined) throw new Error(`${familyName}${labels} has the bound ${odd}`);
    const rising = (values: readonly number[], what: string) => {
      if (values.some((value, index) => index > 0 && value < values[index - 1]!)) {
        throw new Error(`${what} of ${familyName}${labels} fall: ${values}`);
      }
    };
    rising(bounds.map(numberOf), 'bounds');
    rising(
      buckets.map(({ value }) => value),
      'counts',
    );
    const count = ofSeries.find((sample) => sample.name.endsWith('_count'))?.value;
    if (bounds.at(-1) !== '+Inf' || buckets.at(-1)?.value !== count) {
      throw new Error(`${familyName}${labels} counts ${count}, and its last bucket is another one`);
    }
  }
}
