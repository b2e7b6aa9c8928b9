import {
  type CaseOutcome,
  type CaseResult,
  complaintOf,
  formNames,
  isFailure,
  isOwed,
  outcomeOf,
  outcomes,
  verdictKinds,
} from './case-result.js';
import { countTable } from './markdown-table.js';
import { rejectionReason } from './rejection-reason.js';

export interface Findings {
  readonly results: readonly CaseResult[];
  /** What the log said of engine processes that ended by themselves. */
  readonly engineDeaths: readonly string[];
  /** Servers that ended before they were told to, or did not stop as they should. */
  readonly lostWorkers: number;
}

/** The findings as Markdown; the same for the same answers. */
export function conformanceReport({ results, engineDeaths, lostWorkers }: Findings): string {
  const failures = results.filter(isFailure).length;
  return [
    `${results.length} cases, of which onnxruntime-node passes ${results.filter(isOwed).length} by itself; ` +
      `${failures} failures; ${lostWorkers} servers lost; ${engineDeaths.length} engine processes lost.`,
    outcomeTable(results),
    formTable(results),
    exceptionTable(exceptionsOf(results)),
  ].join('\n\n');
}

/** A case that did not pass, for `results.json`. */
export interface ConformanceException {
  readonly case: string;
  readonly outcome: CaseOutcome;
  /** The kind of reason, the same for many cases. */
  readonly reason: string;
  /** What the server said, or what is known of the answer. */
  readonly detail: string;
  readonly isFailure?: true;
}

export const exceptionsOf = (results: readonly CaseResult[]): readonly ConformanceException[] =>
  results
    .filter((result) => outcomeOf(result) !== 'passed')
    .map((result) => ({
      case: `${result.suite}/${result.id}`,
      outcome: outcomeOf(result),
      ...explanationOf(result),
      ...(isFailure(result) ? { isFailure: true as const } : {}),
    }));

function explanationOf(result: CaseResult): Pick<ConformanceException, 'reason' | 'detail'> {
  const complaint = complaintOf(result) ?? '';
  switch (outcomeOf(result)) {
    case 'rejected':
      return { reason: rejectionReason(complaint), detail: complaint };
    case 'unjudged': {
      const detail = result.verdicts['v2 JSON']?.detail ?? '';
      return { reason: detail, detail };
    }
    default:
      return {
        reason: isFailure(result) ? 'another answer than recorded' : 'as the engine itself answers, or at random',
        detail: complaint,
      };
  }
}

function exceptionTable(exceptions: readonly ConformanceException[]): string {
  const kinds = [...grouped(exceptions, ({ outcome, reason }) => `${outcome}: ${reason}`)];
  const rows = kinds.sort(([, a], [, b]) => b.length - a.length).map(([kind, members]) => [kind, members.length]);
  return countTable(['did not pass', 'cases'], rows);
}

function outcomeTable(results: readonly CaseResult[]): string {
  const rows = [...grouped(results, ({ suite }) => suite)].map(([suite, members]) => outcomeRow(suite, members));
  return countTable(['cases of', 'in all', ...outcomes], [...rows, outcomeRow('both', results)]);
}

const outcomeRow = (key: string, members: readonly CaseResult[]): (string | number)[] => [
  key,
  members.length,
  ...outcomes.map((outcome) => members.filter((result) => outcomeOf(result) === outcome).length),
];

function formTable(results: readonly CaseResult[]): string {
  const served = results.filter(({ rejection }) => rejection === undefined);
  const rows = formNames.map((form) => {
    const kinds = served.map(({ verdicts }) => verdicts[form]?.kind ?? 'left out');
    return [form, ...verdictKinds.map((kind) => kinds.filter((found) => found === kind).length)];
  });
  return countTable(['form', ...verdictKinds], rows);
}

function grouped<Member>(
  members: readonly Member[],
  keyOf: (member: Member) => string,
): ReadonlyMap<string, readonly Member[]> {
  const groups = new Map<string, Member[]>();
  for (const member of members) groups.set(keyOf(member), [...(groups.get(keyOf(member)) ?? []), member]);
  return groups;
}
