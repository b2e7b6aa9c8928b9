import type { ConformanceCase } from './corpus.js';

/** How a case is asked: one request in a form of its own, or its rows as several requests. */
export const formNames = ['v2 JSON', 'v2 binary', 'v1 columns', 'v1 rows', 'rows apart', 'rows repeated'] as const;

export type FormName = (typeof formNames)[number];

export const verdictKinds = ['passed', 'wrong', 'rejected', 'unjudged', 'left out'] as const;

export interface Verdict {
  /**
   * `wrong`: another answer than the recorded one, or none that can be read. `rejected`: the server says why it gives
   * none. `unjudged`: answered, but nobody recorded what is right. `left out`: the form cannot say this case's
   * tensors, or the model does not batch.
   */
  readonly kind: (typeof verdictKinds)[number];
  /** Absent where it passed. */
  readonly detail?: string;
}

export type Verdicts = Readonly<Partial<Record<FormName, Verdict>>>;

export interface CaseResult extends Pick<ConformanceCase, 'id' | 'suite' | 'group' | 'bareEngine'> {
  /** Why the model does not serve; absent where it does. */
  readonly rejection?: string;
  readonly verdicts: Verdicts;
  /** Its answers differ from run to run. */
  readonly isRandom?: true;
}

export const outcomes = ['passed', 'rejected', 'wrong', 'unjudged'] as const;

export type CaseOutcome = (typeof outcomes)[number];

/** One word for a case: what it says in the Open Inference Protocol counts, unless another form contradicts it. */
export function outcomeOf({ rejection, verdicts }: CaseResult): CaseOutcome {
  if (rejection !== undefined) return 'rejected';
  const open = [verdicts['v2 JSON']?.kind, verdicts['v2 binary']?.kind];
  const kinds = Object.values(verdicts).map(({ kind }) => kind);
  if (kinds.includes('wrong')) return 'wrong';
  if (open.includes('rejected')) return 'rejected';
  // A form that rejects what another one answers contradicts it.
  if (kinds.includes('rejected')) return 'wrong';
  return open.includes('unjudged') ? 'unjudged' : 'passed';
}

/** What is to be said about a case that did not pass, the same for every form where possible. */
export function complaintOf({ rejection, verdicts }: CaseResult): string | undefined {
  if (rejection !== undefined) return rejection;
  const entries = Object.entries(verdicts).filter(([, { kind }]) => kind === 'wrong' || kind === 'rejected');
  const [first] = entries;
  return first && `${first[0]}: ${first[1].detail}`;
}

/** The bare engine answers rightly, so the server has to. */
export const isOwed = ({ bareEngine }: Pick<CaseResult, 'bareEngine'>): boolean => bareEngine.startsWith('pass');

/** What must not be: a right answer that the bare engine has and the server has not, or a wrong one of its own. */
export function isFailure(result: CaseResult): boolean {
  const outcome = outcomeOf(result);
  if (outcome === 'wrong') return result.bareEngine !== 'mismatch' && result.isRandom !== true;
  return outcome === 'rejected' && isOwed(result);
}
