import sharp from 'sharp';

function noise(width: number, height: number) {
  const grain = { type: 'gaussian', mean: 128, sigma: 30 } as const;
  return sharp({ create: { width, height, channels: 3, background: 'red', noise: grain } });
}

function inserted(bytes: Buffer, at: number, more: readonly number[]): Buffer {
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(more), bytes.subarray(at)]);
}

function changed(bytes: Buffer, at: number, ...values: readonly number[]): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(values, at);
  return copy;
}

export interface DamagedPictures {
  /** Pictures that browsers show, although sharp's strictest reading refuses some of them. */
  readonly readable: Readonly<Record<string, Buffer>>;
  readonly unreadable: Readonly<Record<string, Buffer>>;
}

/** Makes pictures of 200 by 150 pixels with defects that occur in practice. */
export async function damagedPictures(): Promise<DamagedPictures> {
  const jpeg = await noise(200, 150).jpeg().toBuffer();
  const png = await noise(200, 150).png().toBuffer();
  const tiff = await noise(200, 150).tiff({ compression: 'none' }).toBuffer();
  const scan = jpeg.indexOf(Buffer.from([0xff, 0xda]));
  const pixels = scan + 2 + jpeg.readUInt16BE(scan + 2);
  const data = png.indexOf('IDAT') + 4;
  return {
    readable: {
      // The spectral selection must end at 63 (ITU-T T.81, B.2.3); phones of Samsung write 0.
      'JPEG with wrong values before its scan': changed(jpeg, pixels - 3, 0, 0, 0),
      'JPEG with bytes before a marker': inserted(jpeg, scan, [0x12, 0x34, 0x56]),
      'JPEG with bytes before its end': inserted(jpeg, jpeg.length - 2, [0, 0, 0, 0x11, 0x22]),
      'JPEG with an unknown transform of Adobe': inserted(jpeg, 2, [
        ...[0xff, 0xee, 0, 14],
        ...Buffer.from('Adobe'),
        ...[0, 100, 0, 0, 0, 0, 5],
      ]),
      'JPEG with bytes after its end': Buffer.concat([jpeg, Buffer.alloc(1000, 'x')]),
      'TIFF with an unknown tag': withUnknownTag(tiff),
    },
    unreadable: {
      'JPEG that ends after its header': jpeg.subarray(0, pixels),
      'half of a JPEG': jpeg.subarray(0, jpeg.length / 2),
      'half of a progressive JPEG': half(await noise(200, 150).jpeg({ progressive: true }).toBuffer()),
      'half of a PNG': png.subarray(0, png.length / 2),
      'PNG with changed pixels': changed(png, data + 3000, ...Array.from({ length: 50 }, (_, index) => index * 5)),
      'PNG with a wrong checksum': changed(png, data + png.readUInt32BE(data - 8), 1, 2, 3, 4),
      'half of a WebP': half(await noise(200, 150).webp().toBuffer()),
      'half of a GIF': half(await noise(200, 150).gif().toBuffer()),
      'half of an AVIF': half(await noise(200, 150).avif({ effort: 0 }).toBuffer()),
      'half of a TIFF': half(tiff),
    },
  };
}

function half(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.length / 2);
}

/** Writes the directory of a little-endian TIFF again at its end, with the tag 60000. */
function withUnknownTag(tiff: Buffer): Buffer {
  const directory = tiff.readUInt32LE(4);
  const count = tiff.readUInt16LE(directory);
  const entries = tiff.subarray(directory + 2, directory + 2 + 12 * count);
  const more = Buffer.from([0x60, 0xea, 3, 0, 1, 0, 0, 0, 7, 0, 0, 0]);
  const copy = Buffer.concat([tiff, Buffer.from([count + 1, 0]), entries, more, Buffer.alloc(4)]);
  copy.writeUInt32LE(tiff.length, 4);
  return copy;
}
