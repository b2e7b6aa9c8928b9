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

/** The engine's own words, which say little about what to do. */
const unexplained = /^the engine cannot load /;

export function failureFinding({ code: errorCode, message }: ServingError): ServingFinding {
  const diagnosis = diagnoses[errorCode] ?? { code: 'load-refused' };
  const remedy = 'run onnx.checker.check_model(path, full_check=True) over it, and export it again';
  return { level: 'error', message, ...diagnosis, ...(unexplained.test(message) && { remedy }) };
}
