import type { DerivedImage } from '../../../core/image-plan.js';
import { type ImageFilter, imageFilters } from '../../../core/image-plan.js';
import type { JsonFile } from '../../model-files.js';
import { TaskOff } from '../../task-off.js';

const imageNet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** What timm's own transforms do for evaluation, by `pretrained_cfg` of its config.json. */
export function timmImage(config: JsonFile): DerivedImage {
  const pretrained = config.object('pretrained_cfg');
  if (pretrained === undefined) throw new TaskOff('config.json has no pretrained_cfg; save the model with timm again');
  const origin = (key: string): string =>
    pretrained.has(key) ? `config.json: pretrained_cfg.${key}` : "timm's default";
  const [, height, width] = inputSize(pretrained);
  const pct = pretrained.number('crop_pct') ?? 0.875;
  const named = pretrained.text('interpolation') ?? 'bicubic';
  const filter = imageFilters.find((name): name is ImageFilter => name === named && name !== 'linear');
  if (filter === undefined) throw new TaskOff(`config.json: the interpolation ${named} is not known`);
  const mode = pretrained.text('crop_mode') ?? 'center';
  if (!(pct > 0)) throw new TaskOff('config.json: crop_pct is expected to be a positive number');
  const size = origin('input_size');
  const [high, wide] = [Math.floor(height / pct), Math.floor(width / pct)];
  const elements = {
    mean: [colours(pretrained, 'mean'), origin('mean')],
    std: [colours(pretrained, 'std'), origin('std')],
    scale: [1 / 255, "timm's default"],
  } as const;
  const crop = { crop: [[height, width], size], cropRounding: ['even', "timm's default"] } as const;
  if (mode === 'squash')
    return {
      resize: [{ mode: 'stretch', width: wide, height: high, filter }, `${size}, crop_pct`],
      ...crop,
      ...elements,
    };
  if (mode !== 'center')
    throw new TaskOff(`config.json: the crop_mode ${mode} is not served; expected center or squash`);
  if (high !== wide)
    throw new TaskOff('config.json: an input_size that is no square is served with the crop_mode squash only');
  return { resize: [{ mode: 'shortest', shortest: high, filter }, `${size}, crop_pct`], ...crop, ...elements };
}

/** Colours, height, width. */
function inputSize(pretrained: JsonFile): readonly [number, number, number] {
  const size = pretrained.field('input_size');
  const isSize =
    Array.isArray(size) && size.length === 3 && size.every((side) => Number.isSafeInteger(side) && side > 0);
  if (!isSize) throw new TaskOff('config.json: input_size is expected to be [3, height, width]');
  if (size[0] !== 3) throw new TaskOff(`config.json: pictures of ${size[0]} colours are not served, only those of 3`);
  return size as [number, number, number];
}

function colours(pretrained: JsonFile, key: 'mean' | 'std'): readonly number[] {
  const value = pretrained.field(key);
  if (value === undefined) return imageNet[key];
  if (Array.isArray(value) && value.length === 3 && value.every(Number.isFinite)) return value as number[];
  throw new TaskOff(`config.json: ${key} is expected to be three numbers`);
}
