import { type Label, numberInWords, type Shown, shownAnswer } from '../answers.js';
import { sentenceOf } from '../api.js';
import type { ModelFacts } from '../model-facts.js';
import { timeParts } from '../server-timing.js';
import type { Answer, Request } from '../wire.js';
import { Entities } from './entities.js';
import { Found } from './found.js';

export interface AnswerViewProps {
  readonly facts: ModelFacts;
  readonly request: Request;
  readonly answer: Answer;
}

/** JSON that is longer is cut. */
const longestShown = 20_000;

/** An answer as pictures, where there are any, as JSON, and the time that it took. */
export function AnswerView({ facts, request, answer }: AnswerViewProps) {
  const { status, text } = answer;
  if (status >= 400) {
    return (
      <div class="trouble" role="alert">
        <strong>{status}</strong> {sentenceOf(text)}
      </div>
    );
  }
  const shown = shownAnswer(facts, text);
  return (
    <div class="answer card">
      {shown.map((each, at) => (
        <ShownView key={at} shown={each} request={request} />
      ))}
      <Timing answer={answer} />
      <details open={shown.length === 0}>
        <summary>JSON</summary>
        <pre tabindex={0}>{indented(text)}</pre>
      </details>
    </div>
  );
}

function ShownView({ shown, request }: { readonly shown: Shown; readonly request: Request }) {
  switch (shown.kind) {
    case 'labels':
      return <Labels name={shown.name} labels={shown.labels} />;
    case 'entities':
      return <Entities entities={shown.entities} text={firstText(request)} />;
    case 'detections':
      return <Found detections={shown.detections} size={shown.size} picture={request.body} />;
    case 'similarity':
      return (
        <p class="big">
          {shown.value.toFixed(3)} <span class="quiet">cosine of {shown.dimensions} dimensions</span>
        </p>
      );
    case 'vector':
      return (
        <p class="big">
          {shown.values.length}{' '}
          <span class="quiet">dimensions: {shown.values.slice(0, 4).map(numberInWords).join(', ')} …</span>
        </p>
      );
    case 'ranking':
      return <Ranking scores={shown.scores} documents={documentsOf(request)} />;
    case 'value':
      return (
        <p class="big">
          {shown.value} <span class="quiet">{shown.name}</span>
        </p>
      );
  }
}

/** Bars; scores that are no shares are drawn by the largest. */
function Labels({ name, labels }: { readonly name: string; readonly labels: readonly Label[] }) {
  const most = Math.max(1e-9, ...labels.map(({ score }) => Math.abs(score)));
  const scale = Math.max(1, most);
  return (
    <table class="bars">
      <caption class="unseen">{name}</caption>
      <tbody>
        {labels.map(({ label, score }, at) => (
          <tr key={at}>
            <th scope="row">{label}</th>
            <td class="bar">
              <span style={{ '--share': `${(100 * Math.abs(score)) / scale}%` }} />
            </td>
            <td class="number">{most <= 1 ? `${(100 * score).toFixed(1)} %` : numberInWords(score)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Ranking({ scores, documents }: { readonly scores: readonly number[]; readonly documents: readonly string[] }) {
  const labels = scores.map((score, at) => ({ label: documents[at] ?? `${at + 1}`, score }));
  labels.sort((a, b) => b.score - a.score);
  return <Labels name="documents" labels={labels} />;
}

const partNames = { prepare: 'preparation', queue: 'queue', run: 'run', rest: 'network and the rest' };

function Timing({ answer: { headers, totalMs } }: { readonly answer: Answer }) {
  const parts = timeParts(headers.get('server-timing'), totalMs);
  const inWords = parts.map(({ name, ms }) => `${partNames[name]} ${milliseconds(ms)}`).join(', ');
  return (
    <div class="timing">
      <div class="track" role="img" aria-label={inWords}>
        {parts.map(({ name, ms }) => (
          <span key={name} data-part={name} style={{ '--share': `${(100 * ms) / totalMs}%` }} />
        ))}
      </div>
      <p class="quiet">
        <strong>{milliseconds(totalMs)}</strong>
        {parts.map(({ name, ms }) => (
          <span key={name} class="part" data-part={name}>
            {partNames[name]} {milliseconds(ms)}
          </span>
        ))}
        <span class="part">version {headers.get('x-model-version') ?? '?'}</span>
      </p>
    </div>
  );
}

const milliseconds = (ms: number): string => `${ms < 10 ? ms.toFixed(2) : Math.round(ms)} ms`;

/** Numbers of a list stand in one line. */
function indented(text: string): string {
  if (text.length > longestShown) return `${text.slice(0, longestShown)}\n…`;
  try {
    const spaced = JSON.stringify(JSON.parse(text), undefined, 2);
    return spaced.replace(/\[[^[\]{}]*\]/g, (list) => list.replace(/\s+/g, ' '));
  } catch {
    return text;
  }
}

function instancesOf({ body }: Request): readonly unknown[] {
  try {
    const { instances } = JSON.parse(typeof body === 'string' ? body : '{}') as { instances?: unknown };
    return Array.isArray(instances) ? instances : [];
  } catch {
    return [];
  }
}

function firstText(request: Request): string {
  const [first] = instancesOf(request);
  return typeof first === 'string' ? first : String((first as { text?: unknown } | undefined)?.text ?? '');
}

const documentsOf = (request: Request): readonly string[] =>
  instancesOf(request).map((instance) => String((instance as { text_pair?: unknown }).text_pair ?? ''));
