import type { ErrorCode, ServingError } from '../../core/serving-error.js';
import type { ServingFinding } from './serving-finding.js';

/** What it means that a model which looked servable did not load and answer, by the error's code. */
const diagnoses: Readonly<Partial<Record<ErrorCode, Pick<ServingFinding, 'code' | 'remedy'>>>> = {
  RESOURCE_EXHAUSTED: { code: 'out-of-memory', remedy: 'raise memoryLimitBytes in model.json, or quantize the model' },
  DEADLINE_EXCEEDED: { code: 'timeout', remedy: 'if it only is slow, give it more time with --timeout' },
  INTERNAL: {
    code: 'load-crashed',
    remedy: 'export it with another release of its exporter, or for another operator set',
  },
  UNAVAILABLE: { code: 'unavailable' },
};

const contradiction = 'the graph contradicts itself: run onnx.checker.check_model(path, full_check=True) over it';

/** Advice for what the engine says most often of files that it refuses. */
const refusals: readonly (readonly [said: RegExp, remedy: string])[] = [
  [/No Op registered for|domain_version|opset/i, 'export it for an operator set that has the operator, 17 say'],
  [/not implemented|Could not find an implementation/i, 'export it with another element type, float32 say'],
  [/Type Error|ShapeInference|Incompatible dimensions/i, contradiction],
];

export function failureFinding({ code: errorCode, message }: ServingError): ServingFinding {
  const refused = { code: 'load-refused', remedy: remedyFor(message) } as const;
  return { level: 'error', message, ...(diagnoses[errorCode] ?? refused) };
}

const remedyFor = (message: string): string =>
  refusals.find(([said]) => said.test(message))?.[1] ??
  'run onnx.checker.check_model(path, full_check=True) over it, and export it again';
