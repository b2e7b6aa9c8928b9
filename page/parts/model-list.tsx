import { useState } from 'preact/hooks';
import { fragmentOf } from '../share.js';
import type { ModelEntry } from '../wire.js';
import { State } from './state.js';

/** Lists that are longer can be filtered. */
const filteredFrom = 8;

export interface ModelListProps {
  readonly models: readonly ModelEntry[] | undefined;
  readonly chosen: string | undefined;
}

export function ModelList({ models = [], chosen }: ModelListProps) {
  const [filter, setFilter] = useState('');
  const wanted = filter.trim().toLowerCase();
  const shown = models.filter(({ name }) => name.toLowerCase().includes(wanted));
  return (
    <nav class="models" aria-label="Models">
      <h2>
        Models <span class="quiet">{models.length}</span>
      </h2>
      {models.length >= filteredFrom && (
        <input
          type="search"
          aria-label="Filter the models"
          placeholder="Filter"
          value={filter}
          onInput={(event) => setFilter(event.currentTarget.value)}
        />
      )}
      <ul>
        {shown.map(({ name, versions, state }) => (
          <li key={name}>
            <a href={fragmentOf(name)} aria-current={name === chosen ? 'page' : undefined}>
              <span class="name">{name}</span>
              <span class="quiet">{versions.length > 0 ? `v${versions.at(-1)}` : ''}</span>
              <State state={state} isShort />
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
