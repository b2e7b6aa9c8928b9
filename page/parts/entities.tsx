import type { Entity } from '../answers.js';

export interface EntitiesProps {
  readonly entities: readonly Entity[];
  readonly text: string;
}

/** The text with what was found in it marked and named; `start` and `end` count UTF-16 units. */
export function Entities({ entities, text }: EntitiesProps) {
  if (entities.length === 0) return <p class="quiet">Nothing was found in the text.</p>;
  const pieces = [];
  let at = 0;
  for (const { name, score, start, end } of entities) {
    if (start < at) continue;
    pieces.push(text.slice(at, start));
    pieces.push(
      <mark key={start} style={{ '--hue': hueOf(name) }}>
        {text.slice(start, end)}
        <small>
          {name} <span class="number">{Math.round(100 * score)} %</span>
        </small>
      </mark>,
    );
    at = end;
  }
  pieces.push(text.slice(at));
  return <p class="entities">{pieces}</p>;
}

/** The same name has the same colour, in every answer. */
export function hueOf(name: string): number {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) as number)) % 360;
  return (hash * 137) % 360;
}
