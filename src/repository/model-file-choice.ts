export const isModelFile = (name: string): boolean => /\.(onnx|ort)$/.test(name);

export type ModelFileChoice = { readonly file: string } | { readonly problem: string };

/** Which of a folder's files is the model: `model.onnx`, `model.ort`, or else the only one of its kind. */
export function chooseModelFile(names: readonly string[]): ModelFileChoice {
  for (const usual of ['model.onnx', 'model.ort']) if (names.includes(usual)) return { file: usual };
  for (const ending of ['.onnx', '.ort']) {
    const [only, another] = names.filter((name) => name.endsWith(ending)).sort();
    if (another !== undefined) {
      return {
        problem: `holds several ${ending} files (${only}, ${another} …); expected one of them to be named model${ending}`,
      };
    }
    if (only !== undefined) return { file: only };
  }
  return { problem: 'holds no model file; expected model.onnx' };
}
