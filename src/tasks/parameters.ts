import { nearestName } from '../core/nearest-name.js';
import { invalidArgument } from '../core/serving-error.js';
import { shownValue } from '../core/short-text.js';

/** What a request asks for beside its inputs. */
export type TaskParameters = Readonly<Record<string, unknown>>;

/** Reads parameters by their names; each throws INVALID_ARGUMENT for a value of another kind. `null` is as if absent. */
export class ParameterReader {
  readonly #parameters: TaskParameters;
  readonly #read = new Set<string>();

  constructor(parameters: TaskParameters) {
    this.#parameters = parameters;
  }

  truth(name: string): boolean | undefined {
    return this.#value(name, 'true or false', (value): value is boolean => typeof value === 'boolean');
  }

  text(name: string): string | undefined {
    return this.#value(name, 'a string', (value): value is string => typeof value === 'string');
  }

  count(name: string, least = 1): number | undefined {
    const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= least;
    return this.#value(name, `an integer from ${least} on`, isCount);
  }

  /** From 0 to 1. */
  part(name: string): number | undefined {
    const isPart = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= 1;
    return this.#value(name, 'a number from 0 to 1', isPart);
  }

  texts(name: string): readonly string[] | undefined {
    const areTexts = (value: unknown): value is readonly string[] =>
      Array.isArray(value) && value.every((item) => typeof item === 'string');
    return this.#value(name, 'an array of strings', areTexts);
  }

  choice<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const isChoice = (value: unknown): value is Choice => choices.includes(value as Choice);
    return this.#value(name, choices.map((choice) => `"${choice}"`).join(', '), isChoice);
  }

  /** Throws INVALID_ARGUMENT for a parameter that nobody asked for. */
  finish(): void {
    const unknown = Object.keys(this.#parameters).find((name) => !this.#read.has(name));
    if (unknown === undefined) return;
    const known = [...this.#read];
    const nearest = nearestName(unknown, known);
    const hint = nearest === undefined ? `this model knows ${known.join(', ')}` : `did you mean "${nearest}"?`;
    throw invalidArgument(`parameters: ${shownValue(unknown)} is not known here; ${hint}`);
  }

  #value<Value>(name: string, expected: string, isValid: (value: unknown) => value is Value): Value | undefined {
    this.#read.add(name);
    const value = Object.hasOwn(this.#parameters, name) ? this.#parameters[name] : undefined;
    if (value === undefined || value === null) return undefined;
    if (isValid(value)) return value;
    throw invalidArgument(`parameters: ${name}: expected ${expected}, got ${shownValue(value)}`);
  }
}
