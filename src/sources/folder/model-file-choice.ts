import { nearestName } from '../../core/nearest-name.js';

/** Which file its settings ask for. */
export interface ModelFileWish {
  /** Relative to the version's folder. */
  readonly file?: string;
  /** The suffix of one of several files of the same model: `fp16` for `model_fp16.onnx`. */
  readonly variant?: string;
}

export type ModelFileChoice = { readonly file: string } | { readonly problem: string };

/** In this order; `model.onnx/model.onnx` is Triton's layout for a model of several files, `onnx/` Hugging Face's. */
const usual = ['model.onnx', 'model.ort', 'model.onnx/model.onnx', 'onnx/model.onnx', 'onnx/model.ort'] as const;

/**
 * Which of a version's model files, by their names relative to its folder, is the model: the one that the settings ask
 * for, or one of the usual names, or else the only one of its kind at the top or in `onnx/`.
 */
export function chooseModelFile(names: readonly string[], { file, variant }: ModelFileWish = {}): ModelFileChoice {
  if (file !== undefined) return namedFile(names, file);
  const candidates = names.filter((name) => /^(onnx\/)?[^/]+$/.test(name)).sort();
  if (variant !== undefined && variant.toLowerCase() !== plainVariant) return variantOf(candidates, variant);
  for (const name of usual) {
    const found = sameName(names, name);
    if (found !== undefined) return { file: found };
  }
  for (const ending of ['.onnx', '.ort']) {
    const [only, ...others] = candidates.filter((name) => name.toLowerCase().endsWith(ending));
    if (only === undefined) continue;
    if (others.length === 0) return { file: only };
    const examples = `${only}, ${others[0]}${others.length > 1 ? ' …' : ''}`;
    return {
      problem: `holds several ${ending} files (${examples}); expected one of them to be named model${ending}, or "file" in model.json to name it`,
    };
  }
  const [inFolder, another] = names.filter((name) => /^[^/]+\.onnx\/model\.onnx$/i.test(name));
  if (inFolder !== undefined && another === undefined) return { file: inFolder };
  return { problem: 'holds no model file; expected model.onnx' };
}

function namedFile(names: readonly string[], file: string): ModelFileChoice {
  // A folder of this name is Triton's layout for a model of several files.
  const found = sameName(names, file) ?? sameName(names, `${file}/model.onnx`);
  if (found !== undefined) return { file: found };
  const nearest = nearestName(file, names);
  const hint = nearest === undefined ? `its model files: ${listed(names)}` : `did you mean ${nearest}?`;
  return { problem: `holds no ${file}, which its settings ask for; ${hint}` };
}

/** The file without a suffix, as transformers.js calls it. */
const plainVariant = 'fp32';
/** By the names that transformers.js gives to what its files call otherwise. */
const otherNames: ReadonlyMap<string, string> = new Map([['q8', 'quantized']]);

function variantOf(candidates: readonly string[], variant: string): ModelFileChoice {
  const suffixes = [variant, otherNames.get(variant.toLowerCase())].flatMap((suffix) => suffix?.toLowerCase() ?? []);
  for (const suffix of suffixes) {
    const matching = candidates.filter((name) => ['_', '.', '-'].some((mark) => stem(name).endsWith(mark + suffix)));
    const [only, another] = matching;
    const main = matching.find((name) => stem(name) === `model_${suffix}`);
    if (main !== undefined) return { file: main };
    if (only !== undefined && another === undefined) return { file: only };
    if (only !== undefined) {
      return {
        problem: `holds several files of the variant "${variant}" (${only}, ${another} …); name one with "file" in model.json`,
      };
    }
  }
  const known = candidates.flatMap((name) => /^model_(.+)$/.exec(stem(name))?.[1] ?? []);
  const hint = known.length === 0 ? `its model files: ${listed(candidates)}` : `its variants: ${listed(known)}`;
  return { problem: `holds no file of the variant "${variant}"; ${hint}` };
}

/** The name without folder and ending, in small letters. */
const stem = (name: string): string => name.slice(name.lastIndexOf('/') + 1, name.lastIndexOf('.')).toLowerCase();

/** Letters may be large or small where no file is named exactly so. */
const sameName = (names: readonly string[], wanted: string): string | undefined =>
  names.find((name) => name === wanted) ?? names.find((name) => name.toLowerCase() === wanted.toLowerCase());

const mostListed = 12;

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  return `${names.slice(0, mostListed).join(', ')}${names.length > mostListed ? ' …' : ''}`;
}
