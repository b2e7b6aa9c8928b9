import type { ImagePlacement, ImageSize } from '../../core/image-plan.js';
import type { Box } from './detection.js';

/** From places in the network's input back to places in the picture. */
export class PictureFrame {
  readonly size: ImageSize;
  readonly #scaleX: number;
  readonly #scaleY: number;
  readonly #left: number;
  readonly #top: number;

  /** `isLetterboxed`: both sides were scaled by one factor, of which the size of the resized picture is a rounding. */
  constructor(size: ImageSize, { surface, resized, left, top }: ImagePlacement, isLetterboxed: boolean) {
    const ratio = Math.min(surface.width / size.width, surface.height / size.height);
    this.size = size;
    this.#scaleX = isLetterboxed ? ratio : resized.width / size.width;
    this.#scaleY = isLetterboxed ? ratio : resized.height / size.height;
    this.#left = left;
    this.#top = top;
  }

  point(x: number, y: number): [x: number, y: number] {
    return [(x - this.#left) / this.#scaleX, (y - this.#top) / this.#scaleY];
  }

  /** No point lies outside of the picture. */
  clippedPoint(x: number, y: number): [x: number, y: number] {
    const [across, down] = this.point(x, y);
    return [clip(across, this.size.width), clip(down, this.size.height)];
  }

  clippedBox([x1, y1, x2, y2]: readonly [number, number, number, number]): Box {
    const [xmin, ymin] = this.clippedPoint(x1, y1);
    const [xmax, ymax] = this.clippedPoint(x2, y2);
    return { xmin, ymin, xmax, ymax };
  }

  /** The place in the network's input of a place in the picture. */
  inNetwork(x: number, y: number): [x: number, y: number] {
    return [x * this.#scaleX + this.#left, y * this.#scaleY + this.#top];
  }
}

const clip = (value: number, most: number): number => Math.min(Math.max(value, 0), most);
