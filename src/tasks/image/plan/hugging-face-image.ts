import type { DerivedImage } from '../../../core/image-plan.js';
import { type ImageFilter, imageFilters, type ShortestResize } from '../../../core/image-plan.js';
import type { JsonFile } from '../../model-files.js';
import { TaskOff } from '../../task-off.js';
import { type ProcessorDefaults, processorDefaults, processorsByModelType } from './processor-defaults.js';

/** Pillow's numbers of its filters. */
const filterNumbers: readonly ImageFilter[] = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'];

/** Below this size ConvNeXT keeps the middle. */
const convNextWarp = 384;

/** What an image processor of transformers does, by its file: preprocessor_config.json, or processor_config.json's part. */
export function huggingFaceImage(file: JsonFile, config: JsonFile | undefined): DerivedImage {
  const { name, defaults, nameOrigin } = processorOf(file, config);
  const processor = new Processor(file, name, defaults, nameOrigin);
  const resize = processor.resize();
  return { ...resize, ...(resize.crop === undefined && processor.crop()), ...processor.elements() };
}

function processorOf(file: JsonFile, config: JsonFile | undefined) {
  const named = file.text('image_processor_type') ?? file.text('feature_extractor_type');
  const name = named?.replace(/(ImageProcessor|FeatureExtractor)(Fast|Pil)?$/, '');
  const modelType = config?.text('model_type');
  const byModel = modelType !== undefined && Object.hasOwn(processorsByModelType, modelType);
  const known = name ?? (byModel ? processorsByModelType[modelType] : undefined);
  if (known !== undefined && Object.hasOwn(processorDefaults, known)) {
    const nameOrigin = named === undefined ? `config.json: model_type "${modelType}"` : named;
    return { name: known, defaults: processorDefaults[known] as ProcessorDefaults, nameOrigin };
  }
  const what = named ?? modelType;
  throw new TaskOff(
    what === undefined
      ? `${file.name} does not name its image_processor_type; add it, or say what is done to pictures in "image" of model.json`
      : `the image processor of ${what} is not known; say what it does to pictures in "image" of model.json`,
  );
}

class Processor {
  readonly #file: JsonFile;
  readonly #name: string;
  readonly #defaults: ProcessorDefaults;
  readonly #defaultOrigin: string;

  constructor(file: JsonFile, name: string, defaults: ProcessorDefaults, nameOrigin: string) {
    this.#file = file;
    this.#name = name;
    this.#defaults = defaults;
    this.#defaultOrigin = `the default of ${nameOrigin}`;
  }

  /** The resize, and the crop that is a part of it. */
  resize(): DerivedImage {
    if (this.#file.truth('do_resize') === false) return {};
    const size = this.#size();
    const filter = this.#filter();
    const origin = this.#origin('size');
    const { rule } = this.#defaults;
    const { height, width, shortest_edge: shortest, longest_edge: longest } = size;
    const stretched = (wide: number, high: number): DerivedImage => ({
      resize: [{ mode: 'stretch', width: wide, height: high, filter }, origin],
    });
    const shortened = (side: number, more: Partial<ShortestResize> = {}): DerivedImage => ({
      resize: [{ mode: 'shortest', shortest: side, ...more, filter }, origin],
    });
    if (rule === 'cropPct') {
      if (shortest === undefined) throw this.#unusable('size', 'a shortest_edge');
      if (shortest >= convNextWarp) return stretched(shortest, shortest);
      const pct = this.#number('crop_pct', 224 / 256);
      return { ...shortened(Math.trunc(shortest / pct)), crop: [[shortest, shortest], `${origin}, crop_pct`] };
    }
    if (rule === 'shortestOverPct') {
      const side = shortest ?? (height === width ? height : undefined);
      if (side === undefined) throw this.#unusable('size', 'a shortest_edge');
      return shortened(Math.trunc(side / this.#number('crop_pct', 0.9)));
    }
    if (height !== undefined && width !== undefined) return stretched(width, height);
    if (shortest === undefined) throw this.#unusable('size', 'height and width, or a shortest_edge');
    if (rule === 'shortestTimes8Over7') return shortened(Math.trunc((256 / 224) * shortest));
    return shortened(shortest, {
      ...(longest !== undefined && { longest }),
      ...(rule === 'multiplesOf16' && { multipleOf: 16 }),
    });
  }

  crop(): DerivedImage {
    const { crop, isCropOff } = this.#defaults;
    const isOn = this.#file.truth('do_center_crop') ?? (crop !== undefined && isCropOff !== true);
    if (!isOn) return {};
    const value = this.#file.field('crop_size') ?? crop;
    const size = sizeOf(value, true);
    if (size?.height === undefined || size.width === undefined)
      throw this.#unusable('crop_size', 'a number, or height and width');
    return { crop: [[size.height, size.width], this.#origin('crop_size')] };
  }

  elements(): DerivedImage {
    const file = this.#file;
    const isRescaled = file.truth('do_rescale') !== false;
    const isNormalized = file.truth('do_normalize') ?? this.#defaults.isNotNormalized !== true;
    const isEfficientNet = this.#defaults.rule === 'efficientNet';
    const scale = isRescaled ? this.#number('rescale_factor', 1 / 255) : 1;
    // EfficientNet takes 1 away before it normalises, and divides by the deviations once more behind its pretrained head.
    const shift = isEfficientNet && isRescaled && file.truth('rescale_offset') === true ? 1 : 0;
    const isTwice = isEfficientNet && file.truth('include_top') !== false;
    const mean = isNormalized ? this.#colours('image_mean', this.#defaults.mean) : [0, 0, 0];
    const deviations = this.#colours('image_std', this.#defaults.std);
    const once = isNormalized ? deviations : [1, 1, 1];
    const std = isTwice ? once.map((value, index) => value * (deviations[index] as number)) : once;
    const isFlipped = file.truth('do_flip_channel_order') ?? this.#defaults.isFlipped === true;
    return {
      scale: [scale, this.#origin(isRescaled ? 'rescale_factor' : 'do_rescale')],
      mean: [mean.map((value) => value + shift), this.#origin(isNormalized ? 'image_mean' : 'do_normalize')],
      std: [std, this.#origin(isNormalized ? 'image_std' : 'do_normalize')],
      color: [isFlipped ? 'BGR' : 'RGB', this.#origin('do_flip_channel_order')],
    };
  }

  #size(): Readonly<Record<string, number>> {
    const isSquare = this.#defaults.isShortestByDefault !== true;
    const value = this.#file.field('size') ?? this.#defaults.size;
    const size = sizeOf(value, isSquare, this.#file.number('max_size'));
    if (size === undefined) throw this.#unusable('size', 'a number, height and width, or a shortest_edge');
    return size;
  }

  #filter(): ImageFilter {
    const value = this.#file.field('resample');
    if (value === undefined || value === null) return this.#defaults.filter;
    const filter = typeof value === 'number' ? filterNumbers[value] : imageFilters.find((name) => name === value);
    if (filter === undefined) throw this.#unusable('resample', "the number of one of Pillow's filters, 0 to 5");
    return filter;
  }

  #number(key: string, otherwise: number): number {
    if (!this.#file.has(key)) return otherwise;
    const value = this.#file.number(key);
    if (value === undefined || value <= 0) throw this.#unusable(key, 'a positive number');
    return value;
  }

  #colours(key: string, otherwise: readonly number[]): readonly number[] {
    if (!this.#file.has(key)) return otherwise;
    const value = this.#file.field(key);
    const values = typeof value === 'number' ? [value, value, value] : value;
    const areNumbers = Array.isArray(values) && values.length === 3 && values.every(Number.isFinite);
    if (!areNumbers) throw this.#unusable(key, 'three numbers');
    return values as number[];
  }

  #origin(key: string): string {
    return this.#file.has(key) ? `${this.#file.name}: ${key}` : this.#defaultOrigin;
  }

  #unusable(key: string, expected: string): TaskOff {
    const value = JSON.stringify(this.#file.field(key));
    return new TaskOff(`${this.#file.name}: ${key} of ${this.#name} is expected to be ${expected}, not ${value}`);
  }
}

/** The forms that transformers has had for a size, as its present one. */
function sizeOf(value: unknown, isSquare: boolean, longest?: number): Readonly<Record<string, number>> | undefined {
  const isSide = (side: unknown): side is number => Number.isSafeInteger(side) && (side as number) > 0;
  if (isSide(value)) {
    if (isSquare) return { height: value, width: value };
    return longest === undefined ? { shortest_edge: value } : { shortest_edge: value, longest_edge: longest };
  }
  if (Array.isArray(value))
    return value.length === 2 && value.every(isSide) ? { height: value[0]!, width: value[1]! } : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  const sides = Object.entries(value).filter(([, side]) => side !== null && side !== undefined);
  return sides.every(([, side]) => isSide(side)) ? (Object.fromEntries(sides) as Record<string, number>) : undefined;
}
