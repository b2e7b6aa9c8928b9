const words: Readonly<Record<string, string>> = {
  AVAILABLE: 'serves',
  LOADING: 'loading',
  START: 'waits to load',
  UNLOADING: 'ending',
  END: 'does not serve',
};

/** A state in words; the dot's colour says nothing that the words do not. */
export function State({ state, isShort = false }: { readonly state: string; readonly isShort?: boolean }) {
  const word = words[state] ?? state.toLowerCase();
  return (
    <span class="state" data-state={state}>
      <span class="dot" aria-hidden="true" />
      <span class={isShort ? 'unseen' : undefined}>{word}</span>
    </span>
  );
}
