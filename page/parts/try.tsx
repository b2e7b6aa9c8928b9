import { useState } from 'preact/hooks';
import { send } from '../api.js';
import { formOf } from '../form.js';
import { type Asked, forgetAll, readHistory, remember } from '../history.js';
import type { ModelFacts } from '../model-facts.js';
import { jsonRequest } from '../requests.js';
import type { Answer, Request } from '../wire.js';
import { AnswerView } from './answer-view.js';
import { FieldsForm } from './fields-form.js';
import { JsonForm } from './json-form.js';
import { PadForm } from './pad-form.js';
import { PictureForm } from './picture-form.js';
import { Snippets } from './snippets.js';
import { TextForm } from './text-form.js';

export interface TryProps {
  readonly facts: ModelFacts;
  readonly example: string | undefined;
  readonly body: string | undefined;
  /** Told when the server refused a request: the model may serve no more. */
  readonly onRefused: () => void;
}

/** A form that suits the model, the answer to it, and the same request in other words. */
export function Try({ facts, example, body, onRefused }: TryProps) {
  const { name } = facts;
  const form = formOf(facts);
  const [isJson, setIsJson] = useState(body !== undefined || form.kind === 'json');
  const [json, setJson] = useState(body ?? example ?? '{"instances": []}');
  const [request, setRequest] = useState<Request>();
  const [answer, setAnswer] = useState<Answer>();
  const [trouble, setTrouble] = useState<string>();
  const [isAsking, setIsAsking] = useState(false);
  const [history, setHistory] = useState(readHistory);

  const ask = async (asked: Request): Promise<void> => {
    setRequest(asked);
    setIsAsking(true);
    setTrouble(undefined);
    try {
      const given = await send(asked);
      setAnswer(given);
      if (given.status === 404 || given.status === 503) onRefused();
      if (typeof asked.body === 'string') {
        setJson(asked.body);
        setHistory(remember({ model: name, body: asked.body, at: Date.now(), status: given.status }));
      }
    } catch {
      setAnswer(undefined);
      setTrouble('The server does not answer.');
    }
    setIsAsking(false);
  };
  const askAgain = ({ body: old }: Asked): void => {
    setJson(old);
    setIsJson(true);
    void ask(jsonRequest(name, old));
  };
  const own = history.filter(({ model }) => model === name);

  return (
    <section aria-labelledby="try">
      <div class="heading">
        <h2 id="try">Try it</h2>
        {form.kind !== 'json' && (
          <button type="button" class="plain" aria-pressed={isJson} onClick={() => setIsJson(!isJson)}>
            as JSON
          </button>
        )}
      </div>
      <div class="card">
        {isJson && (
          <JsonForm value={json} onChange={setJson} onAsk={() => ask(jsonRequest(name, json))} isAsking={isAsking} />
        )}
        {!isJson && form.kind === 'text' && <TextForm name={name} form={form} onAsk={ask} isAsking={isAsking} />}
        {!isJson && form.kind === 'picture' && (
          <PictureForm name={name} task={facts.task ?? ''} onAsk={ask} isAsking={isAsking} />
        )}
        {!isJson && form.kind === 'fields' && (
          <FieldsForm name={name} inputs={form.inputs} example={example} onAsk={ask} isAsking={isAsking} />
        )}
        {!isJson && form.kind === 'pad' && <PadForm name={name} form={form} onAsk={ask} isAsking={isAsking} />}
      </div>
      <div aria-live="polite" aria-busy={isAsking}>
        {trouble && <p class="trouble">{trouble}</p>}
        {answer && request && <AnswerView facts={facts} request={request} answer={answer} />}
      </div>
      {request && <Snippets model={name} request={request} />}
      {own.length > 0 && (
        <details>
          <summary>Asked before ({own.length})</summary>
          <ul class="history">
            {own.map((asked) => (
              <li key={asked.at}>
                <button type="button" class="plain" onClick={() => askAgain(asked)}>
                  <span class="quiet">{new Date(asked.at).toLocaleTimeString()}</span>{' '}
                  <code>{asked.body.slice(0, 120)}</code>
                </button>
              </li>
            ))}
          </ul>
          <button type="button" class="plain" onClick={() => setHistory(forgetAll())}>
            Forget all
          </button>
        </details>
      )}
    </section>
  );
}
