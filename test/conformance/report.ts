import {
  type CaseResult,
  complaintOf,
  formNames,
  isFailure,
  isOwed,
  outcomeOf,
  outcomes,
  verdictKinds,
} from './case-result.js';
import { cellText, countTable } from './markdown-table.js';
import { refusalReason } from './refusal-reason.js';

export interface Findings {
  readonly results: readonly CaseResult[];
  /** What the log said of engine processes that ended by themselves. */
  readonly engineDeaths: readonly string[];
  /** Servers that ended before they were told to, or did not stop as they should. */
  readonly lostFronts: number;
}

/** The findings as Markdown; the same for the same answers. */
export function conformanceReport({ results, engineDeaths, lostFronts }: Findings): string {
  const failures = results.filter(isFailure);
  return [
    `${results.length} cases, of which onnxruntime-node passes ${results.filter(isOwed).length} by itself; ` +
      `${failures.length} failures; ${lostFronts} servers lost; ${engineDeaths.length} engine processes lost.`,
    outcomeTable('suite', results, ({ suite }) => suite),
    outcomeTable('by itself, onnxruntime-node', results, ({ bareEngine }) => bareEngine),
    formTable(results),
    outcomeTable('group', results, ({ suite, group }) => `${suite}/${group}`),
    ...caseList('Failures', failures),
    ...refusalLists(results),
    ...caseList(
      'Wrong, as the engine itself is',
      results.filter((result) => outcomeOf(result) === 'wrong' && !isFailure(result)),
      () => 'the engine answers otherwise than recorded, or at random',
    ),
    ...caseList(
      'Answered, with nothing recorded to compare with',
      results.filter((result) => outcomeOf(result) === 'unjudged'),
      ({ verdicts }) => verdicts['v2 JSON']?.detail ?? '',
    ),
  ].join('\n\n');
}

function outcomeTable(title: string, results: readonly CaseResult[], keyOf: (result: CaseResult) => string): string {
  const rows = [...grouped(results, keyOf)].map(([key, members]) => outcomeRow(key, members));
  return countTable([title, 'cases', ...outcomes], rows.length > 1 ? [...rows, outcomeRow('all', results)] : rows);
}

const outcomeRow = (key: string, members: readonly CaseResult[]): (string | number)[] => [
  key,
  members.length,
  ...outcomes.map((outcome) => members.filter((result) => outcomeOf(result) === outcome).length),
];

function formTable(results: readonly CaseResult[]): string {
  const served = results.filter(({ refusal }) => refusal === undefined);
  const rows = formNames.map((form) => {
    const kinds = served.map(({ verdicts }) => verdicts[form]?.kind ?? 'left out');
    return [form, ...verdictKinds.map((kind) => kinds.filter((found) => found === kind).length)];
  });
  return countTable(['form', ...verdictKinds], rows);
}

function refusalLists(results: readonly CaseResult[]): string[] {
  const refused = results.filter((result) => outcomeOf(result) === 'refused' && !isFailure(result));
  const byReason = grouped(refused, (result) => refusalReason(complaintOf(result) ?? ''));
  return [...byReason]
    .sort(([, a], [, b]) => b.length - a.length)
    .flatMap(([reason, members]) => caseList(`Refused: ${reason}`, members));
}

function caseList(
  title: string,
  members: readonly CaseResult[],
  say: (result: CaseResult) => string = (result) => complaintOf(result) ?? '',
): string[] {
  if (members.length === 0) return [];
  const rows = members.map((result) => `| \`${result.id}\` | ${cellText(say(result))} |`);
  return [`### ${title} (${members.length})`, ['| case | |', '| --- | --- |', ...rows].join('\n')];
}

function grouped(
  results: readonly CaseResult[],
  keyOf: (result: CaseResult) => string,
): ReadonlyMap<string, readonly CaseResult[]> {
  const groups = new Map<string, CaseResult[]>();
  for (const result of results) {
    const key = keyOf(result);
    const members = groups.get(key);
    if (members === undefined) groups.set(key, [result]);
    else members.push(result);
  }
  return groups;
}
