import { useState } from 'preact/hooks';
import { widthOf } from '../form.js';
import type { TensorFacts } from '../model-facts.js';
import { type Fields, fieldsRequest } from '../requests.js';
import type { Request } from '../wire.js';

export interface FieldsFormProps {
  readonly name: string;
  readonly inputs: readonly TensorFacts[];
  /** The body of a request that works: its numbers are what the fields begin with. */
  readonly example: string | undefined;
  readonly onAsk: (request: Request) => void;
  readonly isAsking: boolean;
}

/** A field for each value of a row. */
export function FieldsForm({ name, inputs, example, onAsk, isAsking }: FieldsFormProps) {
  const [fields, setFields] = useState<Fields>(() => fieldsOf(example, inputs));
  const submit = (event: Event): void => {
    event.preventDefault();
    onAsk(fieldsRequest(name, inputs, fields));
  };
  const change = (input: string, at: number, value: string): void => {
    const values = [...(fields[input] ?? [])];
    values[at] = value;
    setFields({ ...fields, [input]: values });
  };
  return (
    <form onSubmit={submit}>
      {inputs.map((input) => (
        <fieldset key={input.name}>
          <legend>{input.name}</legend>
          <div class="fields">
            {Array.from({ length: widthOf(input) ?? 0 }, (_, at) => (
              <Field
                key={at}
                input={input}
                at={at}
                value={fields[input.name]?.[at] ?? ''}
                onChange={(value) => change(input.name, at, value)}
              />
            ))}
          </div>
        </fieldset>
      ))}
      <button type="submit" class="main" disabled={isAsking}>
        Predict
      </button>
    </form>
  );
}

interface FieldProps {
  readonly input: TensorFacts;
  readonly at: number;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function Field({ input, at, value, onChange }: FieldProps) {
  const id = `field-${input.name}-${at}`;
  const label = input.features?.[at] ?? (widthOf(input) === 1 ? 'value' : `${at + 1}`);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {input.kind === 'truth' ? (
        <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
          <option value="true">true</option>
          <option value="false">false</option>
        </select>
      ) : (
        <input
          id={id}
          type="text"
          inputmode={input.kind === 'text' ? 'text' : 'decimal'}
          value={value}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      )}
    </div>
  );
}

function fieldsOf(example: string | undefined, inputs: readonly TensorFacts[]): Fields {
  const { instances = [] } = (example === undefined ? {} : JSON.parse(example)) as { instances?: unknown[] };
  const [row] = instances;
  const isNamed = typeof row === 'object' && row !== null && !Array.isArray(row);
  return Object.fromEntries(
    inputs.map(({ name }) => {
      const value = isNamed ? (row as Readonly<Record<string, unknown>>)[name] : row;
      return [name, value === undefined ? [] : [value].flat().map((each) => shortNumber(each))];
    }),
  );
}

/** Made-up numbers need no seven digits. */
const shortNumber = (value: unknown): string =>
  String(typeof value === 'number' ? Number(value.toPrecision(3)) : value);
