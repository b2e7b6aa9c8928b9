const reasons: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [
    /does not know operator|does not have operator|custom one that the engine does not have/,
    'operators that the engine does not have',
  ],
  [
    /has no implementation of operator|does not take \S+, as it gets|does not know attribute|not supported/,
    'operators that the engine has, but not for these types or attributes',
  ],
  [/could not compute an answer/, 'the engine fails on these inputs'],
  [/both must agree/, 'sizes of one name that differ'],
  [/external data file/, 'files that are missing'],
  [/is not an ONNX model|damaged|cut short|Protobuf parsing failed/, 'files that are no models'],
  [/cannot be served: it is of type|cannot be served, and there is no other/, 'types without a tensor form'],
];

export const otherReason = 'other reasons';

/** The kind of reason that a rejection's sentence gives. */
export const rejectionReason = (sentence: string): string =>
  reasons.find(([pattern]) => pattern.test(sentence))?.[1] ?? otherReason;
