import sharp from 'sharp';

/**
 * A progressive JPEG with many scans, each of which goes through all pixels. A scan without any value needs some bytes only.
 *
 * @param count - 1 to 2,600
 */
export async function jpegOfScans(count: number, side = 2_000): Promise<Buffer<ArrayBuffer>> {
  const create = { width: side, height: side, channels: 3, background: 'gray' } as const;
  const jpeg = await sharp({ create }).jpeg({ progressive: true, optimizeScans: false }).toBuffer();
  const begins: number[] = [];
  for (let at = jpeg.indexOf('ffda', 0, 'hex'); at !== -1; at = jpeg.indexOf('ffda', at + 2, 'hex')) begins.push(at);
  const [, second = 0, third = 0] = begins;
  // The first scan has the mean colours. The second one has no value, since the picture has one colour.
  const head = jpeg.subarray(second, second + 10);
  const next = jpeg.subarray(second, third);
  const tables = next.indexOf('ffc4', 0, 'hex');
  const content = next.subarray(10, tables === -1 ? undefined : tables);
  const scans: Uint8Array[] = [];
  for (let component = 1; component <= 3; component += 1) {
    for (let coefficient = 1; coefficient <= 63; coefficient += 1) {
      for (let bit = 13; bit >= 0; bit -= 1) {
        const approximation = ((bit === 13 ? 0 : bit + 1) << 4) | bit;
        const own = [component, head[6] ?? 0, coefficient, coefficient, approximation];
        scans.push(Buffer.concat([head.subarray(0, 5), Buffer.from(own), content]));
      }
    }
  }
  return Buffer.concat([jpeg.subarray(0, second), ...scans.slice(0, count - 1), Buffer.from([0xff, 0xd9])]);
}

/** A GIF of 1 x 1 pixels with many frames. */
export function gifOfFrames(count: number): Buffer<ArrayBuffer> {
  const head = Buffer.from('47494638396101000100800000000000ffffff', 'hex');
  const frame = Buffer.from('2c00000000010001000002024401' + '00', 'hex');
  return Buffer.concat([head, ...Array.from({ length: count }, () => frame), Buffer.from([0x3b])]);
}

/** A WebP of 1 x 1 pixels with many frames. */
export async function webpOfFrames(count: number): Promise<Buffer<ArrayBuffer>> {
  const still = await sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
    .webp({ lossless: true })
    .toBuffer();
  const place = Buffer.alloc(16);
  place.writeUInt8(10, 12);
  const frame = chunk('ANMF', Buffer.concat([place, still.subarray(12)]));
  const animation = 0x02;
  const chunks = [
    chunk('VP8X', Buffer.from([animation, 0, 0, 0, 0, 0, 0, 0, 0, 0])),
    chunk('ANIM', Buffer.alloc(6)),
    ...Array.from({ length: count }, () => frame),
  ];
  return chunk('RIFF', Buffer.concat([Buffer.from('WEBP'), ...chunks]));
}

function chunk(name: string, content: Buffer): Buffer<ArrayBuffer> {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(content.length);
  return Buffer.concat([Buffer.from(name), length, content, Buffer.alloc(content.length % 2)]);
}

/** An SVG whose element is repeated until it has this many bytes. */
export function svgOfBytes(bytes: number): Buffer<ArrayBuffer> {
  const [begin, end] = ['<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">', '</svg>'];
  const element = '<path d="M0 0L9 9"/>';
  return Buffer.from(begin + element.repeat(Math.ceil((bytes - begin.length - end.length) / element.length)) + end);
}
