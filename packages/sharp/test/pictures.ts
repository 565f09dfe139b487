import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FormatBucket, HandlerContext, HandlerLimits, Original } from '@safelight/core';
import type { Delivery, TransformationStep } from '@safelight/protocol';
import sharp, { type Sharp } from 'sharp';
import { sharpHandler } from '../src/sharp-handler.ts';

export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly format: string;
  readonly bytes: Buffer;
  at(x: number, y: number): string;
}

/** A PNG with red and green above blue and white, so that tests see where each part of a result comes from. */
export function quadrants(width: number, height: number): Promise<Buffer> {
  const [x, y] = [width / 2, height / 2];
  return drawn(
    width,
    height,
    `<rect width="${x}" height="${y}" fill="#f00"/><rect x="${x}" width="${x}" height="${y}" fill="#0f0"/>
     <rect y="${y}" width="${x}" height="${y}" fill="#00f"/><rect x="${x}" y="${y}" width="${x}" height="${y}" fill="#fff"/>`,
  );
}

/** A PNG of SVG shapes on a transparent background. */
export function drawn(width: number, height: number, shapes: string): Promise<Buffer> {
  return sharp(svg(width, height, shapes))
    .png()
    .toBuffer();
}

export function svg(width: number, height: number, shapes: string): Buffer {
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}" shape-rendering="crispEdges">${shapes}</svg>`,
  );
}

export function noise(width: number, height: number): Sharp {
  return sharp({
    create: { width, height, channels: 3, background: 'gray', noise: { type: 'gaussian', mean: 128, sigma: 40 } },
  });
}

export function originalOf(bytes: Buffer, format: string, more: Partial<Original> = {}): Original {
  return {
    resourceType: 'image',
    publicId: 'cat',
    version: 1,
    assetId: '0'.repeat(32),
    versionId: createHash('md5').update(`${format} ${more.localPath}`).update(bytes).digest('hex'),
    format,
    bytes: bytes.length,
    etag: '2'.repeat(32),
    createdAt: 0,
    localPath: undefined,
    stream: () => Readable.from([bytes]),
    bytesOf: async () => bytes,
    ...more,
  };
}

export interface Asked {
  readonly steps?: readonly TransformationStep[];
  readonly extension?: string;
  readonly bucket?: FormatBucket;
  readonly limits?: Partial<HandlerLimits>;
  readonly signal?: AbortSignal;
}

export function deliveryOf({ steps = [], extension }: Asked, more: Partial<Delivery> = {}): Delivery {
  return {
    cloudName: 'demo',
    resourceType: 'image',
    publicId: 'cat',
    transformation: steps,
    version: undefined,
    extension,
    placeholder: undefined,
    ...more,
  };
}

export function contextOf(original: Original, { bucket, limits, signal }: Asked = {}): HandlerContext {
  return {
    original,
    bucket,
    signal: signal ?? new AbortController().signal,
    limits: { maxInputPixels: 100_000_000, maxOutputPixels: 25_000_000, ...limits },
  };
}

const handler = sharpHandler();

/** The handler's derivative of an original, decoded. */
export async function made(original: Original, asked: Asked): Promise<Pixels> {
  const { body } = await handler(deliveryOf(asked), contextOf(original, asked));
  return decoded(await bytesOf(body));
}

/** Applies steps to a PNG; the result is a PNG. */
export function applied(png: Buffer, ...steps: readonly TransformationStep[]): Promise<Pixels> {
  return made(originalOf(png, 'png'), { steps: steps.length > 0 ? steps : [{ quality: 'auto' }] });
}

export async function decoded(bytes: Buffer): Promise<Pixels> {
  const { format } = await sharp(bytes).metadata();
  const { data, info } = await sharp(bytes).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const channels = (await sharp(bytes).metadata()).channels;
  return { width, height, channels, format, bytes, at: (x, y) => named(data, (y * width + x) * 4) };
}

export async function bytesOf(body: Buffer | Readable): Promise<Buffer> {
  return Buffer.isBuffer(body) ? body : Buffer.concat(await body.toArray());
}

const names: ReadonlyMap<string, string> = new Map([
  ['255,0,0', 'red'],
  ['0,255,0', 'lime'],
  ['0,0,255', 'blue'],
  ['255,255,255', 'white'],
  ['0,0,0', 'black'],
]);

/** The name of a colour, with a tolerance for the changes by JPEG and interpolation. */
function named(data: Buffer, at: number): string {
  const [r = 0, g = 0, b = 0, alpha = 0] = data.subarray(at, at + 4);
  if (alpha === 0) return 'transparent';
  const text = [r, g, b].map((value) => (value < 12 ? 0 : value > 243 ? 255 : value)).join(',');
  return `${names.get(text) ?? text}${alpha < 255 ? `/${alpha}` : ''}`;
}

/** librsvg draws these filters for minutes, and libvips cannot stop it. @param seed - makes another file of it */
export function endlessSvg(seed = 0): Buffer<ArrayBuffer> {
  const [begin, end] = ['<g filter="url(#f)">'.repeat(60), '</g>'.repeat(60)];
  const filter =
    '<filter id="f"><feTurbulence baseFrequency="0.05" numOctaves="9"/><feGaussianBlur stdDeviation="50"/></filter>';
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="3000" height="3000"><desc>${seed}</desc>${filter}${begin}<rect width="3000" height="3000"/>${end}</svg>`,
  );
}
