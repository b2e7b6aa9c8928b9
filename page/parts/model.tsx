import { useEffect, useState } from 'preact/hooks';
import { getDocument, getMetadata, Refusal } from '../api.js';
import { type ModelFacts, modelFacts, typeInWords } from '../model-facts.js';
import type { ModelEntry } from '../wire.js';
import { Operations } from './operations.js';
import { State } from './state.js';
import { Try } from './try.js';

export interface ModelProps {
  readonly name: string;
  /** A request in JSON that a link brought. */
  readonly body: string | undefined;
  /** Whether inference is answered at this port. */
  readonly infers: boolean;
  readonly onRefused: () => void;
  /** As the list has it; undefined where there is no such model. */
  readonly entry: ModelEntry | undefined;
}

export function Model({ name, body, infers, onRefused, entry }: ModelProps) {
  const [facts, setFacts] = useState<ModelFacts>();
  const [example, setExample] = useState<string>();
  const [trouble, setTrouble] = useState<string>();
  const state = entry?.state;
  const latest = entry?.versions.at(-1);

  // Another version may take other inputs.
  useEffect(() => {
    let isCurrent = true;
    const read = async (): Promise<void> => {
      try {
        const metadata = await getMetadata(name);
        const document = await getDocument(name);
        if (!isCurrent) return;
        setExample(exampleIn(document, name));
        setFacts(modelFacts(metadata));
        setTrouble(undefined);
      } catch (error) {
        if (isCurrent) setTrouble(error instanceof Refusal ? error.message : 'The server does not answer.');
      }
    };
    void read();
    return () => {
      isCurrent = false;
    };
  }, [name, state, latest]);

  return (
    <article>
      <div class="title">
        <a class="back" href="#/">
          All models
        </a>
        <h1>{name}</h1>
        <State state={state ?? 'END'} />
        {facts?.task && <span class="tag">{facts.task}</span>}
      </div>
      {facts?.description && <p class="lead">{facts.description}</p>}
      {trouble && (
        <p class="trouble" role="alert">
          {trouble}
        </p>
      )}
      {facts?.taskOff && <p class="hint">Tensors only: {facts.taskOff}</p>}
      {!infers && (
        <p class="hint">This port is for operators: requests to models are answered at the server's other one.</p>
      )}
      {facts && infers && (
        <Try key={`${facts.name} ${facts.version}`} facts={facts} example={example} body={body} onRefused={onRefused} />
      )}
      {facts && <Signature facts={facts} />}
      <Operations name={name} facts={facts} />
    </article>
  );
}

function Signature({ facts }: { readonly facts: ModelFacts }) {
  const rows = [
    ...facts.inputs.map((tensor) => ({ tensor, role: tensor.isOptional ? 'input, optional' : 'input' })),
    ...facts.outputs.map((tensor) => ({ tensor, role: 'output' })),
  ];
  return (
    <section aria-labelledby="signature">
      <h2 id="signature">Takes and gives</h2>
      <section class="scroll" tabindex={0} aria-label="Inputs and outputs">
        <table>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Role</th>
              <th scope="col">Type</th>
              <th scope="col">Meaning</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ tensor, role }) => (
              <tr key={`${role} ${tensor.name}`}>
                <th scope="row">{tensor.name}</th>
                <td>{role}</td>
                <td>
                  <code>{typeInWords(tensor)}</code>
                </td>
                <td>{tensor.description ?? tensor.classLabels?.slice(0, 8).join(', ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

/** The body of a request that works, from the model's OpenAPI document. */
function exampleIn(document: unknown, name: string): string | undefined {
  interface Operation {
    readonly post?: {
      readonly requestBody?: {
        readonly content?: Readonly<
          Record<string, { readonly examples?: { readonly sample?: { readonly value?: unknown } } }>
        >;
      };
    };
  }
  const { paths } = document as { readonly paths: Readonly<Record<string, Operation>> };
  const operation = paths[`/v1/models/${encodeURIComponent(name)}/predict`];
  const value = operation?.post?.requestBody?.content?.['application/json']?.examples?.sample?.value;
  return value === undefined ? undefined : JSON.stringify(value);
}
