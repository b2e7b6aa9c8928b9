import { useState } from 'preact/hooks';
import { apiKey } from '../api.js';

/** Asks for an API key, which is kept until the tab is closed. */
export function Key({ onGiven }: { readonly onGiven: () => Promise<void> }) {
  const [key, setKey] = useState('');
  const give = (event: Event): void => {
    event.preventDefault();
    apiKey.set(key.trim());
    void onGiven();
  };
  return (
    <form class="key" onSubmit={give}>
      <label for="key">API key</label>
      <div class="row">
        <input
          id="key"
          type="password"
          autocomplete="off"
          value={key}
          onInput={(event) => setKey(event.currentTarget.value)}
        />
        <button type="submit" class="main">
          Use it
        </button>
      </div>
      <p class="quiet">It stays in this tab, and is sent to this server alone.</p>
    </form>
  );
}
