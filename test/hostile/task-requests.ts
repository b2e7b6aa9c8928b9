import sharp from 'sharp';
import { byteMutations } from '../../tools/fuzz/byte-mutations.js';
import { damage } from '../../tools/fuzz/damage.js';
import { claimedPicture } from '../preparation/claimed-picture.js';
import type { Random } from '../support/random.js';

/** One request about texts or pictures. */
export interface TaskRequest {
  /** What it is, in a line. */
  readonly label: string;
  readonly path: string;
  readonly contentType: string;
  readonly body: Buffer;
}

export interface TaskModels {
  /** Give a vector for a text. */
  readonly embedders: readonly string[];
  /** Give labels for a text. */
  readonly classifiers: readonly string[];
  /** Take pictures. */
  readonly viewers: readonly string[];
}

/** Makes requests of which most are wrong in a place. */
export class TaskRequestMaker {
  readonly #random: Random;
  readonly #models: TaskModels;
  readonly #pictures: readonly Buffer[];

  private constructor(random: Random, models: TaskModels, pictures: readonly Buffer[]) {
    this.#random = random;
    this.#models = models;
    this.#pictures = pictures;
  }

  static async open(random: Random, models: TaskModels): Promise<TaskRequestMaker> {
    return new TaskRequestMaker(random, models, await seedPictures());
  }

  make(): TaskRequest {
    const request = this.#random.chance(2) ? this.#aboutPicture() : this.#aboutText();
    if (!this.#random.chance(6)) return request;
    return { ...request, label: `damaged ${request.label}`, body: damage(request.body, this.#random) };
  }

  #aboutText(): TaskRequest {
    const random = this.#random;
    const { embedders, classifiers } = this.#models;
    const model = random.pick([...embedders, ...classifiers]);
    const texts = Array.from({ length: random.integer(4) + (random.chance(20) ? 0 : 1) }, () => hostileText(random));
    const parameters = random.chance(3) ? { parameters: hostileParameters(random) } : {};
    switch (random.integer(6)) {
      case 0:
        return json(`/v1/models/${model}/predict`, { instances: texts, ...parameters });
      case 1: {
        const instances = texts.map((text) => ({ text, text_pair: hostileText(random) }));
        return json(`/v1/models/${model}/predict`, { instances, ...parameters });
      }
      case 2: {
        const shape = random.chance(8) ? [hostileNumber(random)] : [texts.length];
        const inputs = [{ name: 'text', datatype: 'BYTES', shape, data: texts }];
        return json(`/v2/models/${model}/infer`, { inputs, ...parameters });
      }
      case 3:
        return json(`/hf/${model}`, { inputs: random.chance(2) ? texts : texts[0], ...parameters });
      case 4: {
        const input = random.chance(4) ? [[2, hostileNumber(random), 3]] : texts;
        const extra = random.chance(3) ? { dimensions: hostileNumber(random) } : {};
        const encoding_format = random.pick(['float', 'base64', 'float', 'hex']);
        return json('/v1/embeddings', { model: random.pick(embedders), input, encoding_format, ...extra });
      }
      default:
        return json('/v1/rerank', {
          model,
          query: hostileText(random),
          documents: texts,
          top_n: hostileNumber(random),
        });
    }
  }

  #aboutPicture(): TaskRequest {
    const random = this.#random;
    const model = random.pick(this.#models.viewers);
    const picture = this.#picture();
    const parameters = random.chance(4) ? { parameters: hostileParameters(random) } : {};
    const path = `/v1/models/${model}/predict`;
    switch (random.integer(6)) {
      case 0:
      case 1: {
        const contentType = random.pick([
          'image/png',
          'image/jpeg',
          'image/webp',
          'image/gif',
          'application/octet-stream',
        ]);
        return {
          label: `${contentType} to ${model}`,
          path: random.chance(3) ? `/hf/${model}` : path,
          contentType,
          body: picture,
        };
      }
      case 2: {
        const edge = random.pick(['x', 'edge', '-'.repeat(60)]);
        const head = `--${edge}\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n\r\n`;
        const body = Buffer.concat([Buffer.from(head), picture, Buffer.from(`\r\n--${edge}--\r\n`)]);
        return { label: `form to ${model}`, path, contentType: `multipart/form-data; boundary=${edge}`, body };
      }
      case 3: {
        const b64 = picture.toString('base64');
        const value = random.pick<unknown>([
          { b64 },
          { b64 },
          b64,
          `data:image/png;base64,${b64}`,
          { b64: `${b64}=` },
          { b64: 5 },
        ]);
        return json(path, { instances: random.chance(5) ? [value, value] : [value], ...parameters });
      }
      case 4: {
        const inputs = [{ name: 'image', datatype: 'BYTES', shape: [1], data: [picture.toString('base64')] }];
        return json(`/v2/models/${model}/infer`, { inputs });
      }
      default:
        return json(`/hf/${model}`, { inputs: picture.toString('base64'), ...parameters });
    }
  }

  #picture(): Buffer {
    const random = this.#random;
    const picture = random.pick(this.#pictures);
    if (random.chance(4)) return picture;
    return byteMutations[random.pick(Object.keys(byteMutations))]!(picture, random.pick(this.#pictures), random);
  }
}

const json = (path: string, body: object): TaskRequest => ({
  label: `JSON to ${path}`,
  path,
  contentType: 'application/json',
  body: Buffer.from(JSON.stringify(body)),
});

async function seedPictures(): Promise<Buffer[]> {
  const size = { width: 24, height: 16 };
  const noise = sharp({
    create: { ...size, channels: 3, background: '#804020', noise: { type: 'gaussian', mean: 128, sigma: 40 } },
  });
  return Promise.all([
    noise.clone().png().toBuffer(),
    noise.clone().png({ palette: true }).toBuffer(),
    noise.clone().png({ progressive: true }).toBuffer(),
    noise.clone().jpeg().toBuffer(),
    noise.clone().jpeg({ progressive: true }).toBuffer(),
    noise.clone().toColourspace('cmyk').jpeg().toBuffer(),
    noise.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    noise.clone().webp().toBuffer(),
    noise.clone().webp({ lossless: true }).toBuffer(),
    noise.clone().gif().toBuffer(),
    noise.clone().tiff().toBuffer(),
    Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>',
    ),
    claimedPicture(20_000),
    claimedPicture(900, 2_500_000),
  ]);
}

const words = [
  'good',
  'bad',
  'film',
  'good film',
  '[CLS]',
  '[PAD]',
  '[SEP]',
  'naïve',
  '日本語',
  'مرحبا',
  '👩‍👩‍👧',
  'ẞ',
  'İ',
];
const oddities = ['\u0000', '\ud800', '\udc00', '\ufeff', '\u202e', '\u0301', '\u200d', '\uffff', '\\', '"', '\r\n'];

function hostileText(random: Random): string {
  switch (random.integer(12)) {
    case 0:
      return '';
    case 1:
      return random.pick(oddities).repeat(1 + random.integer(2000));
    case 2:
      return ' '.repeat(random.chance(40) ? 1_000_000 : random.integer(5000));
    case 3:
      return 'a'.repeat(random.integer(3000));
    default: {
      const parts = Array.from({ length: 1 + random.integer(30) }, () =>
        random.pick(random.chance(6) ? oddities : words),
      );
      return parts.join(random.pick([' ', '', '  ']));
    }
  }
}

const hostileNumber = (random: Random): unknown =>
  random.pick<unknown>([0, 1, 2, 3, -1, 1.5, 2 ** 31, 2 ** 53, 1e308, null, '1', [], true]);

const parameterNames = [
  'top_k',
  'truncate',
  'normalize',
  'threshold',
  'aggregation_strategy',
  'function_to_apply',
  'topk',
  '__proto__',
];

const hostileParameters = (random: Random): unknown =>
  random.chance(8)
    ? random.pick<unknown>([null, [], 'x', 5])
    : { [random.pick(parameterNames)]: random.pick<unknown>([true, 'simple', 'softmax', 0.5, hostileNumber(random)]) };
