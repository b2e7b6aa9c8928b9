import { useState } from 'preact/hooks';
import { apiKey, base } from '../api.js';
import { canBeShared, fragmentOf } from '../share.js';
import { snippetsOf } from '../snippets.js';
import type { Request } from '../wire.js';

/** The request in the words of other programs, to copy, and as a link. */
export function Snippets({ model, request }: { readonly model: string; readonly request: Request }) {
  const snippets = snippetsOf(request, base, apiKey.get() !== '');
  const [name, setName] = useState('curl');
  const code = snippets.find((snippet) => snippet.name === name)?.code ?? '';
  const link = canBeShared(request.body) ? `${base}/${fragmentOf(model, request.body)}` : undefined;
  return (
    <div class="snippets">
      <div class="heading">
        <fieldset class="choices" aria-label="The same request in">
          {snippets.map((snippet) => (
            <button
              key={snippet.name}
              type="button"
              class="plain"
              aria-pressed={snippet.name === name}
              onClick={() => setName(snippet.name)}
            >
              {snippet.name}
            </button>
          ))}
        </fieldset>
        <div class="choices">
          <Copy text={code} label="Copy" />
          {link && <Copy text={link} label="Copy link" />}
        </div>
      </div>
      <pre tabindex={0}>{code}</pre>
    </div>
  );
}

function Copy({ text, label }: { readonly text: string; readonly label: string }) {
  const [told, setTold] = useState(label);
  const copy = async (): Promise<void> => {
    setTold((await copied(text)) ? 'Copied' : 'Not allowed');
    setTimeout(() => setTold(label), 1500);
  };
  return (
    <button type="button" class="plain" onClick={() => void copy()}>
      <span aria-live="polite">{told}</span>
    </button>
  );
}

/** Pages that came over HTTP from elsewhere than this machine have no clipboard, but may copy a selection. */
async function copied(text: string): Promise<boolean> {
  if (navigator.clipboard !== undefined) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  const isDone = document.execCommand('copy');
  area.remove();
  return isDone;
}
