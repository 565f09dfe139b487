import sharp from 'sharp';

/** The types of assets in this test: pictures are transformed, raw files are not. */
export type AssetType = 'image' | 'raw';

/** Makes files that can be recognized, also after a transformation. */
export interface Contents {
  /** A new file. @returns its name, and its bytes */
  create(type: AssetType): Promise<{ readonly name: string; readonly bytes: Buffer }>;
  /** The name of the file that has these bytes, or this picture; such as `unknown (4 bytes)` for others */
  nameOf(type: AssetType, bytes: Buffer): Promise<string>;
}

export function createContents(): Contents {
  let last = 0;
  const recognized = new Map<string, string>();

  async function colourOf(bytes: Buffer): Promise<string> {
    const { data } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const [red = 0, green = 0, blue = 0] = data;
    return `c${red * 65_536 + green * 256 + blue}`;
  }

  return {
    async create(type) {
      last += 1;
      const name = `c${last}`;
      if (type === 'raw') return { name, bytes: Buffer.from(name) };
      const background = { r: last >> 16, g: (last >> 8) & 255, b: last & 255 };
      return {
        name,
        bytes: await sharp({ create: { width: 4, height: 4, channels: 3, background } })
          .png()
          .toBuffer(),
      };
    },
    async nameOf(type, bytes) {
      if (type === 'raw') return /^c\d+$/.test(bytes.toString()) ? bytes.toString() : unknown(bytes);
      const key = bytes.toString('base64');
      const name = recognized.get(key) ?? (await colourOf(bytes).catch(() => unknown(bytes)));
      recognized.set(key, name);
      return name;
    },
  };
}

function unknown(bytes: Buffer): string {
  return `unknown (${bytes.length} bytes)`;
}
