import { useCallback, useEffect, useState } from 'preact/hooks';
import { getModels, getServer, Refusal } from '../api.js';
import { fragmentOf, placeOf } from '../share.js';
import type { ModelEntry, ServerFacts } from '../wire.js';
import { Key } from './key.js';
import { Model } from './model.js';
import { ModelList } from './model-list.js';

const refreshMs = 3000;

/** The list of the models, and the one that the address names. */
export function Page() {
  const [place, setPlace] = useState(() => placeOf(location.hash));
  const [models, setModels] = useState<readonly ModelEntry[]>();
  const [server, setServer] = useState<ServerFacts>();
  const [trouble, setTrouble] = useState<{ sentence: string; wantsKey: boolean }>();

  const refresh = useCallback(async () => {
    try {
      setModels(await getModels());
      setTrouble(undefined);
    } catch (error) {
      const wantsKey = error instanceof Refusal && (error.status === 401 || error.status === 403);
      const sentence = error instanceof Refusal ? error.message : 'The server does not answer.';
      setTrouble({ sentence, wantsKey });
    }
  }, []);

  useEffect(() => {
    const onMove = (): void => setPlace(placeOf(location.hash));
    addEventListener('hashchange', onMove);
    return () => removeEventListener('hashchange', onMove);
  }, []);
  useEffect(() => {
    void refresh();
    const timer = setInterval(() => {
      if (!document.hidden) void refresh();
    }, refreshMs);
    return () => clearInterval(timer);
  }, [refresh]);
  const isKnown = models !== undefined;
  useEffect(() => {
    if (isKnown) getServer().then(setServer, () => undefined);
  }, [isKnown]);

  // The only model need not be looked for.
  const only = models?.length === 1 ? models[0]?.name : undefined;
  const chosen = place.model ?? only;
  useEffect(() => {
    document.title = chosen === undefined ? 'Slipway' : `${chosen} · Slipway`;
  }, [chosen]);

  return (
    <>
      <a class="skip" href="#main">
        Skip to the model
      </a>
      <header>
        <a class="brand" href="#/">
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d="M3 15h18l-3 5H6zM11 3v10H4zM13 6v7h6z" />
          </svg>
          Slipway
        </a>
        <span class="quiet">{server?.version}</span>
        <nav aria-label="Elsewhere on this server">
          {server?.docs && <a href={server.docs.slice(1)}>API</a>}
          {server?.metrics && <a href={server.metrics.slice(1)}>Metrics</a>}
        </nav>
      </header>
      <div class="columns" data-open={chosen !== undefined}>
        <ModelList models={models} chosen={chosen} />
        <main id="main" tabindex={-1}>
          {trouble && (
            <p class="trouble" role="alert">
              {trouble.sentence}
            </p>
          )}
          {trouble?.wantsKey && <Key onGiven={refresh} />}
          {chosen !== undefined && isKnown && (
            <Model
              key={chosen}
              name={chosen}
              body={place.body}
              onRefused={refresh}
              infers={server === undefined || server.try !== undefined}
              entry={models.find(({ name }) => name === chosen)}
            />
          )}
          {chosen === undefined && isKnown && models.length > 0 && (
            <p class="hint">
              Choose a model to try it
              {models[0] && (
                <>
                  , <a href={fragmentOf(models[0].name)}>{models[0].name}</a> say
                </>
              )}
              .
            </p>
          )}
          {models?.length === 0 && <p class="hint">No model yet: put an ONNX file into the models folder.</p>}
        </main>
      </div>
    </>
  );
}
