export interface JsonFormProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onAsk: () => void;
  readonly isAsking: boolean;
}

/** The body as it is sent. */
export function JsonForm({ value, onChange, onAsk, isAsking }: JsonFormProps) {
  const submit = (event: Event): void => {
    event.preventDefault();
    onAsk();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event);
  };
  return (
    <form onSubmit={submit}>
      <label for="body">Body of the request</label>
      <textarea
        id="body"
        class="code"
        rows={8}
        spellcheck={false}
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <button type="submit" class="main" disabled={isAsking}>
        Predict
      </button>
    </form>
  );
}
