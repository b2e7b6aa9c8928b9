import type { Batching } from '../../src/core/model.js';

/** What came of one made-up model behind the server. */
export interface RowFinding {
  readonly name: string;
  readonly couples: boolean;
  readonly batchingIsFree: boolean;
  /** Whether rows influence each other on the bare engine, in these very requests: the kind keeps its word. */
  readonly influence: string | undefined;
  /** Why it does not serve. */
  readonly rejection?: string;
  readonly batching?: Batching;
  /** `dynamic_batching` in Triton's model configuration. */
  readonly isConfiguredToBatch?: boolean;
  /** Whole requests, all at once, that were not answered as the bare engine answers them alone; a sentence each. */
  readonly wrongAnswers: readonly string[];
  /** The same of row form, whose rows have to be answered as each of them is alone. */
  readonly wrongRows: readonly string[];
}

export const isBatched = ({ batching }: RowFinding): boolean => batching !== undefined && batching.kind !== 'none';

/** Triton's configuration knows no other batches. */
const isAlongFirstAxis = ({ kind, axes }: Batching): boolean => kind === 'dynamic' && axes === undefined;

/** What must not be, by promise: a sentence for each model that breaks it. */
export const rowPromises: Readonly<Record<string, (finding: RowFinding) => string | undefined>> = {
  'a made-up model couples rows on the bare engine exactly where its kind says so': ({ couples, influence }) => {
    if (couples) return influence === undefined ? 'no row had an influence' : undefined;
    return influence;
  },
  'every made-up model serves': ({ rejection }) => rejection,
  'a model whose rows influence each other is not batched': (finding) =>
    finding.couples && isBatched(finding) ? 'it is batched' : undefined,
  'a model whose rows are independent is batched': (finding) => {
    const { couples, batchingIsFree, batching } = finding;
    return couples || batchingIsFree || batching?.kind !== 'none' ? undefined : batching.reason;
  },
  'metadata and configuration say the same about batching': (finding) =>
    finding.batching !== undefined && finding.isConfiguredToBatch !== isAlongFirstAxis(finding.batching)
      ? `metadata: ${finding.batching.kind}, configuration: ${finding.isConfiguredToBatch}`
      : undefined,
  'a request among many is answered as it is alone': ({ wrongAnswers }) => summary(wrongAnswers),
  'a row of row form is answered as it is alone': ({ wrongRows }) => summary(wrongRows),
};

const summary = (sentences: readonly string[]): string | undefined =>
  sentences.length === 0 ? undefined : `${sentences.length} times, first ${sentences[0]}`;

/** Each model that breaks the promise, with how. */
export const breaches = (findings: readonly RowFinding[], promise: string): string[] =>
  findings.flatMap((finding) => {
    const sentence = rowPromises[promise]?.(finding);
    return sentence === undefined ? [] : [`${finding.name}: ${sentence}`];
  });
