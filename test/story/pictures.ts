import { pictureFormatAt } from '@safelight/core';
import sharp from 'sharp';
import type { Story } from './story.ts';

export interface Shown {
  readonly format: string;
  readonly width: number;
  readonly height: number;
  /** The colour in the middle. */
  readonly colour: string;
}

export type Colour = 'red' | 'blue' | 'lime';

const drawn = new Map<string, Promise<Buffer<ArrayBuffer>>>();

/** A PNG of one colour. */
export function picture(colour: Colour, width = 600, height = 400): Promise<Buffer<ArrayBuffer>> {
  const key = `${colour} ${width} ${height}`;
  const known = drawn.get(key) ?? draw(colour, width, height);
  drawn.set(key, known);
  return known;
}

async function draw(background: Colour, width: number, height: number): Promise<Buffer<ArrayBuffer>> {
  const bytes = await sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer();
  return Buffer.from(bytes);
}

/** Decodes a picture: its format, its size, and the colour in its middle. */
export async function shown(bytes: Buffer): Promise<Shown> {
  const { format } = await sharp(bytes).metadata();
  const { data, info } = await sharp(bytes).flatten().raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const middle = (Math.floor(height / 2) * width + Math.floor(width / 2)) * channels;
  const [r = 0, g = 0, b = 0] = data.subarray(middle, middle + 3);
  return { format, width, height, colour: nameOf(r, g, b) };
}

function nameOf(r: number, g: number, b: number): string {
  const name = [r, g, b].map((value) => (value < 30 ? '0' : value > 225 ? '1' : '?')).join('');
  return { '100': 'red', '001': 'blue', '010': 'lime' }[name] ?? `rgb(${r}, ${g}, ${b})`;
}

/** A PNG with a complete header and damaged pixels. */
export async function brokenPicture(): Promise<Buffer<ArrayBuffer>> {
  const whole = await sharp({
    create: {
      width: 300,
      height: 300,
      channels: 3,
      background: 'red',
      noise: { type: 'gaussian', mean: 128, sigma: 30 },
    },
  })
    .png()
    .toBuffer();
  return Buffer.from(whole.subarray(0, Math.floor(whole.length / 3)));
}

/** Stores an original without the check of an upload, as an earlier release may have done. */
export async function storedUnchecked({ originals }: Story, publicId: string, bytes: Buffer): Promise<void> {
  async function* chunks() {
    yield bytes;
  }
  const received = await originals.receive(chunks(), { maxBytes: bytes.length });
  await originals.publish(received, { resourceType: 'image', publicId, format: pictureFormatAt(bytes) ?? '' });
}
