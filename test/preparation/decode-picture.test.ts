import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { PictureDecoder } from '../../src/preparation/process/decode-picture.js';
import { noise } from '../tasks/image/noise.js';
import { claimedPicture } from './claimed-picture.js';

// Made before the decoder blocks what it does not read.
const { data, width, height } = noise(7, 5);
const rgb = sharp(data, { raw: { width, height, channels: 3 } });
const withAlpha = Buffer.alloc(4 * width * height);
for (let pixel = 0; pixel < width * height; pixel++) {
  withAlpha.set(data.subarray(3 * pixel, 3 * pixel + 3), 4 * pixel);
  withAlpha[4 * pixel + 3] = pixel;
}
const png = await rgb.clone().png().toBuffer();
const pictures = {
  png,
  webp: await rgb.clone().webp({ lossless: true }).toBuffer(),
  jpeg: await rgb.clone().jpeg().toBuffer(),
  turned: await rgb.clone().jpeg({ quality: 100 }).withMetadata({ orientation: 6 }).toBuffer(),
  alpha: await sharp(withAlpha, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer(),
  grey: await sharp(data.subarray(0, width * height), { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer(),
  gif: await rgb.clone().gif().toBuffer(),
};
const decoder = new PictureDecoder();

for (const name of ['png', 'webp', 'alpha'] as const)
  test(`${name}: the pixels as they are, whatever their transparency`, async () => {
    const pixels = await decoder.decode(pictures[name]);
    assert.deepEqual([pixels.width, pixels.height], [width, height]);
    assert.deepEqual(Buffer.from(pixels.data), Buffer.from(data));
  });

test('a grey picture has its grey three times', async () => {
  const pixels = await decoder.decode(pictures.grey);
  assert.deepEqual(
    Buffer.from(pixels.data),
    Buffer.from(Array.from({ length: 3 * width * height }, (_, at) => data[Math.floor(at / 3)] as number)),
  );
});

test('a picture is turned as its EXIF says', async () => {
  const pixels = await decoder.decode(pictures.turned);
  assert.deepEqual([pixels.width, pixels.height], [height, width]);
});

const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>';
const hostile: readonly (readonly [what: string, bytes: Buffer, says: RegExp])[] = [
  ['no bytes', Buffer.alloc(0), /expected a JPEG, PNG or WebP picture, got no bytes/],
  ['a text', Buffer.from('not a picture'), /got bytes that begin with 6e6f742061207069/],
  ['a GIF', pictures.gif, /got bytes that begin with 474946/],
  ['an SVG', Buffer.from(svg), /expected a JPEG, PNG or WebP picture/],
  ['RIFF that is no WebP', Buffer.from('RIFF....WAVEfmt '), /expected a JPEG, PNG or WebP picture/],
  ['a cut JPEG', pictures.jpeg.subarray(0, pictures.jpeg.length - 40), /cannot be decoded/],
  ['a cut PNG', png.subarray(0, png.length - 30), /cannot be decoded/],
  ['a cut WebP', pictures.webp.subarray(0, 60), /cannot be decoded/],
  ['the first bytes of a JPEG', Buffer.from('ffd8ffe0', 'hex'), /cannot be decoded/],
  ['20,000 × 20,000', claimedPicture(20_000), /more than 50000000 pixels; send a smaller one/],
  ['sides that overflow', claimedPicture(2 ** 31 - 1), /cannot be decoded|more than 50000000 pixels/],
  ['a PNG that holds less than it says', claimedPicture(2000), /cannot be decoded/],
];

for (const [what, bytes, says] of hostile)
  test(`${what} is rejected in words, and the next picture is decoded`, async () => {
    await assert.rejects(decoder.decode(bytes), says);
    assert.equal((await decoder.decode(png)).width, width);
  });

test('the library reads nothing else in this process, whatever asks it', async () => {
  for (const bytes of [Buffer.from(svg), pictures.gif])
    await assert.rejects(sharp(bytes).metadata(), /unsupported image format/);
});
