import { invalidArgument } from '../core/serving-error.js';
import { listed } from '../core/short-text.js';
import type { ModelFile } from './model-file.js';

/** Domains of operators that onnxruntime has built in. Which of their operators it knows, it says itself. */
const engineDomains: ReadonlySet<string> = new Set([
  'ai.onnx',
  'ai.onnx.ml',
  'ai.onnx.training',
  'ai.onnx.preview',
  'ai.onnx.preview.training',
  'com.microsoft',
  'com.microsoft.nchwc',
  'com.microsoft.experimental',
  'com.microsoft.internal.nhwc',
  'com.ms.internal.nhwc',
  'com.microsoft.dml',
]);

const advice: Readonly<Record<string, string>> = {
  'ai.onnx.contrib':
    'it belongs to onnxruntime-extensions; export the model without pre- or postprocessing in the graph',
  'org.openvinotoolkit': 'it belongs to OpenVINO; export the model with standard operators',
  mmdeploy: 'it belongs to MMDeploy; export for the backend "onnxruntime" with its standard operators',
  'org.pytorch.aten': 'it calls PyTorch itself; export with operator_export_type=OperatorExportTypes.ONNX',
  'com.facebook': 'it belongs to Caffe2; export with operator_export_type=ONNX',
};

/** Operators of one domain that neither the engine nor the file itself defines. */
export interface UnknownOperators {
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** Throws INVALID_ARGUMENT for operators that neither the engine nor the file itself defines. */
export function requireKnownOperators(file: ModelFile): void {
  const [first] = unknownOperators(file);
  if (first !== undefined) throw invalidArgument(`${first.message}: ${first.remedy}`);
}

export function unknownOperators({ operators, outline }: ModelFile): readonly UnknownOperators[] {
  const own = new Set(outline.functions.map(({ domain, name }) => `${domain || 'ai.onnx'} ${name}`));
  return [...operators].flatMap(([domain, counts]) => {
    const unknown = engineDomains.has(domain) ? [] : [...counts.keys()].filter((name) => !own.has(`${domain} ${name}`));
    if (unknown.length === 0) return [];
    const [subject, are] = unknown.length === 1 ? ['operator', 'is a custom one'] : ['operators', 'are custom ones'];
    return {
      message: `${subject} ${listed(unknown)} of domain "${domain}" ${are} that the engine does not have`,
      remedy: advice[domain] ?? 'export the model without it, or with a function of that name in the file',
    };
  });
}
