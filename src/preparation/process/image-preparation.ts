import type { ImagePlan } from '../../core/image-plan.js';
import { ImageTensors } from '../../tasks/image/image-tensor.js';
import type { PreparedImageJson } from '../prepared-image-message.js';
import { PictureDecoder } from './decode-picture.js';

/** What decodes pictures and makes tensors of them, for all tenants: nothing of a picture is kept. */
export class ImagePreparation {
  readonly #decoder = new PictureDecoder();
  readonly #tensors = new ImageTensors();

  async prepare(
    bytes: Uint8Array,
    plan: ImagePlan,
  ): Promise<{ json: PreparedImageJson; blobs: readonly Uint8Array[] }> {
    const pixels = await this.#decoder.decode(bytes);
    const { data, shape, placement } = this.#tensors.make(pixels, plan);
    const { width, height } = pixels;
    return {
      json: { shape, placement, size: { width, height } },
      blobs: [new Uint8Array(data.buffer, data.byteOffset, data.byteLength)],
    };
  }
}
