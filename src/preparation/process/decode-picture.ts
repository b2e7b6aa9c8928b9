import { createRequire } from 'node:module';
import type sharp from 'sharp';
import type { Sharp } from 'sharp';
import type { Pixels } from '../../tasks/image/resample.js';

/** More pixels are not decoded. */
const mostPixels = 50_000_000;

const formats = [
  { name: 'JPEG', begins: [0xff, 0xd8, 0xff] },
  { name: 'PNG', begins: [0x89, 0x50, 0x4e, 0x47] },
  { name: 'WebP', begins: [0x52, 0x49, 0x46, 0x46] },
] as const;

/** Decodes as Pillow does: turned as EXIF says, transparency and colour profiles left out of account, greys repeated. */
export class PictureDecoder {
  readonly #sharp: typeof sharp;

  constructor() {
    // Loaded only here: the library is a native one.
    const library = createRequire(import.meta.url)('sharp') as typeof sharp;
    library.cache(false);
    library.concurrency(1);
    // It would read SVG, PDF and whatever else it was built with.
    library.block({ operation: ['VipsForeignLoad'] });
    library.unblock({
      operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadWebpBuffer'],
    });
    this.#sharp = library;
  }

  /** Throws an Error that says what is wrong with the picture. */
  async decode(bytes: Uint8Array): Promise<Pixels> {
    requireFormat(bytes);
    const options = { limitInputPixels: mostPixels, failOn: 'error', autoOrient: true, ignoreIcc: true } as const;
    const picture = this.#sharp(bytes, options);
    try {
      const { space } = await picture.metadata();
      return space === 'cmyk' ? await this.#fourColours(picture) : await this.#threeColours(picture);
    } catch (error) {
      throw new Error(explain((error as Error).message));
    }
  }

  async #threeColours(picture: Sharp): Promise<Pixels> {
    const { data, info } = await picture
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    if (channels === 3) return { data, width, height };
    const repeated = new Uint8Array(3 * width * height);
    for (let at = 0; at < repeated.length; at++) repeated[at] = data[Math.floor(at / 3) * channels] as number;
    return { data: repeated, width, height };
  }

  /** Without profiles, as Pillow converts: what each ink leaves of the light that black leaves. */
  async #fourColours(picture: Sharp): Promise<Pixels> {
    const raw = picture.pipelineColourspace('cmyk').toColourspace('cmyk').raw();
    const { data, info } = await raw.toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    const light = new Uint8Array(3 * width * height);
    for (let pixel = 0; pixel < width * height; pixel++) {
      const left = 255 - (data[pixel * channels + 3] as number);
      for (let ink = 0; ink < 3; ink++)
        light[3 * pixel + ink] = Math.max(0, left - share(data[pixel * channels + ink] as number, left));
    }
    return { data: light, width, height };
  }
}

/** a · b ÷ 255, rounded, as Pillow computes it in whole numbers. */
function share(a: number, b: number): number {
  const product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}

function requireFormat(bytes: Uint8Array): void {
  if (bytes.length === 0) throw new Error('expected a JPEG, PNG or WebP picture, got no bytes');
  const format = formats.find(({ begins }) => begins.every((byte, at) => bytes[at] === byte));
  const isWebP = format?.name === 'WebP' && Buffer.from(bytes.subarray(8, 12)).toString('latin1') === 'WEBP';
  if (format === undefined || (format.name === 'WebP' && !isWebP)) {
    const first = Buffer.from(bytes.subarray(0, 8)).toString('hex');
    throw new Error(`expected a JPEG, PNG or WebP picture, got bytes that begin with ${first}`);
  }
}

/** The library's own words, where they say more than that it failed. */
function explain(message: string): string {
  if (/pixel limit/.test(message)) return `the picture has more than ${mostPixels} pixels; send a smaller one`;
  return `the picture cannot be decoded: ${message.split('\n')[0]}`;
}
