import type {
  ImagePlacement,
  ImagePlan,
  ImageResize,
  ImageSize,
  LetterboxResize,
  ShortestResize,
} from '../../core/image-plan.js';
import { roundHalfEven } from './round-half-even.js';

export function placementOf(size: ImageSize, plan: ImagePlan): ImagePlacement {
  if (plan.resize?.mode === 'letterbox') return letterboxed(size, plan.resize);
  const resized = plan.resize === undefined ? size : resizedSize(size, plan.resize);
  if (plan.crop === undefined)
    return { resized, surface: resized, left: 0, top: 0, fromLeft: 0, fromTop: 0, shown: resized };
  const [height = 1, width = 1] = plan.crop;
  const across = cropped(resized.width, width, plan.cropRounding ?? 'down');
  const down = cropped(resized.height, height, plan.cropRounding ?? 'down');
  return {
    resized,
    surface: { width, height },
    left: across.to,
    top: down.to,
    fromLeft: across.from,
    fromTop: down.from,
    shown: { width: across.length, height: down.length },
  };
}

/** At least one pixel each way, whatever the proportions. */
function resizedSize(size: ImageSize, resize: Exclude<ImageResize, LetterboxResize>): ImageSize {
  const wanted = resize.mode === 'stretch' ? resize : shortestSize(size, resize);
  return { width: Math.max(1, wanted.width), height: Math.max(1, wanted.height) };
}

function shortestSize({ width, height }: ImageSize, { shortest, longest, multipleOf }: ShortestResize): ImageSize {
  const [short, long] = width <= height ? [width, height] : [height, width];
  // Where the longer side sets the size, it is computed from what the shorter one was before it was rounded.
  const isLimited = longest !== undefined && (long / short) * shortest > longest;
  const exact = isLimited ? (longest * short) / long : shortest;
  const newShort = isLimited ? roundHalfEven(exact) : shortest;
  const newLong = short === newShort ? long : Math.trunc((exact * long) / short);
  const stepped = (side: number): number => (multipleOf === undefined ? side : side - (side % multipleOf));
  const [a, b] = [stepped(newShort), stepped(newLong)];
  return width <= height ? { width: a, height: b } : { width: b, height: a };
}

function cropped(
  side: number,
  wanted: number,
  rounding: 'down' | 'even',
): { from: number; to: number; length: number } {
  const rest = side - wanted;
  const isEven = rounding === 'even';
  if (rest >= 0) return { from: isEven ? roundHalfEven(rest / 2) : Math.floor(rest / 2), to: 0, length: wanted };
  return { from: 0, to: isEven ? Math.floor(-rest / 2) : Math.ceil(-rest / 2), length: side };
}

function letterboxed({ width, height }: ImageSize, { width: wide, height: high }: LetterboxResize): ImagePlacement {
  const ratio = Math.min(high / height, wide / width);
  const resized = {
    width: Math.max(1, roundHalfEven(width * ratio)),
    height: Math.max(1, roundHalfEven(height * ratio)),
  };
  return {
    resized,
    surface: { width: wide, height: high },
    left: before(wide - resized.width),
    top: before(high - resized.height),
    fromLeft: 0,
    fromTop: 0,
    shown: resized,
  };
}

/** Of what is free, the part in front of the picture: half, and less where that is no whole number. */
const before = (free: number): number => Math.max(0, roundHalfEven(free / 2 - 0.1));
