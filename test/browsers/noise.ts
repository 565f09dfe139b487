import { randomBytes } from 'node:crypto';
import sharp from 'sharp';

/** A PNG that cannot be compressed: about 3 bytes for each pixel. */
export function drawNoise(width: number, height: number): Promise<Buffer> {
  const raw = { width, height, channels: 3 } as const;
  return sharp(randomBytes(width * height * 3), { raw })
    .png({ compressionLevel: 0 })
    .toBuffer();
}
