/** `error`: it cannot be served so. `warning`: it can, but not as well as it might. `note`: good to know. */
export const findingLevels = ['error', 'warning', 'note'] as const;

export type FindingLevel = (typeof findingLevels)[number];

/** Something about a model that whoever deploys it should know. */
export interface Finding<Code extends string = string> {
  readonly level: FindingLevel;
  /** A stable name for scripts. */
  readonly code: Code;
  readonly message: string;
  /** What to do about it. */
  readonly remedy?: string;
  /** Lines of code or a command that do what `remedy` says. */
  readonly example?: string;
}

/** What a model file alone can tell. docs/doctor.md explains each. */
export const fileFindingCodes = [
  'unreadable',
  'wrong-ending',
  'external-data-missing',
  'unknown-operator',
  'unsupported-type',
  'not-servable',
  'fixed-batch',
  'output-left-out',
  'random',
  'training-mode',
  'unused-input',
  'newer-opset',
  'older-opset',
  'rewritten',
  'loop',
  'training-leftover',
  'unknown-shape',
  'external-data',
  'large',
] as const;

export type FileFinding = Finding<(typeof fileFindingCodes)[number]>;
