import { useState } from 'preact/hooks';
import type { Form } from '../form.js';
import { jsonRequest, textRequest } from '../requests.js';
import type { Request } from '../wire.js';

export interface TextFormProps {
  readonly name: string;
  readonly form: Extract<Form, { kind: 'text' }>;
  readonly onAsk: (request: Request) => void;
  readonly isAsking: boolean;
}

/** What the two boxes are called; a task without a second has one. */
const boxes: Readonly<Record<string, { readonly first: string; readonly second?: string; readonly hint?: string }>> = {
  'text-classification': { first: 'Text', second: 'Second text of a pair', hint: 'may stay empty' },
  'text-embedding': { first: 'Text', second: 'Text to compare it with', hint: 'may stay empty' },
  'token-classification': { first: 'Text' },
  rerank: { first: 'Query', second: 'Documents', hint: 'one a line' },
};

export function TextForm({ name, form, onAsk, isAsking }: TextFormProps) {
  const { task, input } = form;
  const { first, second, hint } = boxes[task ?? ''] ?? { first: input };
  const [text, setText] = useState('');
  const [other, setOther] = useState('');
  const submit = (event: Event): void => {
    event.preventDefault();
    if (task === undefined) onAsk(jsonRequest(name, JSON.stringify({ instances: [text] })));
    else onAsk(textRequest(name, { task, text, second: other }));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event);
  };
  return (
    <form onSubmit={submit}>
      <label for="text">{first}</label>
      <textarea
        id="text"
        rows={3}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {second !== undefined && (
        <>
          <label for="second">
            {second} <span class="quiet">{hint}</span>
          </label>
          <textarea
            id="second"
            rows={3}
            value={other}
            onInput={(event) => setOther(event.currentTarget.value)}
            onKeyDown={onKeyDown}
          />
        </>
      )}
      <button type="submit" class="main" disabled={isAsking}>
        Predict
      </button>
    </form>
  );
}
