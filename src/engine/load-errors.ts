type Explanation = readonly [pattern: RegExp, sentence: (...groups: string[]) => string];

const node = (name: string | undefined): string => (name ? ` in node "${name}"` : '');

const noKernel = (operator: string, opset: string, name: string): string =>
  `the engine has no implementation of operator ${operator} (operator set ${opset}) for the element types it gets${node(name)}; ` +
  'export the model for an older operator set or with other types';

/** onnxruntime's usual reasons for rejecting a model file, and what they mean for whoever exported it. */
const explanations: readonly Explanation[] = [
  [/Could not find an implementation for (\S+)\((\d+)\) node with name '([^']*)'/, noKernel],
  [/Failed to find kernel for (\S+)\((\d+)\) \(node:'([^']*)'/, noKernel],
  [
    /In Node, \("([^"]*)".*No Op registered for (\S+) with domain_version of (\d+)/,
    (name, operator, opset) =>
      `the engine does not know operator ${operator} of operator set ${opset}${node(name)}; export the model for an older operator set or without it`,
  ],
  [
    /Fatal error: (\S+):(\S+)\(-?\d+\) is not a registered function\/op/,
    (domain, operator) =>
      `the engine does not have operator ${operator} of domain "${domain}"; export the model without it`,
  ],
  [
    /Type 'tensor\(([^)]+)\)' of input parameter \((.*?)\) of operator \(([^)]+)\) in node \(([^)]*)\) is invalid/,
    (type, input, operator, name) =>
      `the engine's operator ${operator} does not take ${type}, as it gets in "${input}"${node(name)}; export the model with another type there`,
  ],
  [
    /In Node, \("([^"]*)".*Unrecognized attribute: (\S+) for operator (\S+)/,
    (name, attribute, operator) =>
      `the engine does not know attribute "${attribute}" of operator ${operator}${node(name)}; export the model for an older operator set`,
  ],
  [
    /Unsupported model IR version: (\d+), max supported IR version: (\d+)/,
    (version, newest) =>
      `the file is of IR version ${version}, and the engine reads up to ${newest}; save it again with model.ir_version = ${newest}`,
  ],
];

/** The sentence for a cleaned message of the engine; undefined for an unusual one. */
export function explainLoadError(message: string): string | undefined {
  for (const [pattern, sentence] of explanations) {
    const match = pattern.exec(message);
    if (match !== null) return sentence(...match.slice(1));
  }
  return undefined;
}
