import { writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { parseDeliveryPath } from '@safelight/protocol';
import { sharpHandler } from '@safelight/sharp';
import sharp from 'sharp';

const picture = await sharp({ create: { width: 60, height: 40, channels: 3, background: 'red' } })
  .png()
  .toBuffer();
await writeFile('picture.png', picture);

const handler = sharpHandler({ concurrency: 1 });
const probed = await handler.probe?.('picture.png');
const id = { resourceType: 'image', publicId: 'cat', version: 1795368841 } as const;
const facts = { assetId: '0'.repeat(32), versionId: '1'.repeat(32), etag: '2'.repeat(32), createdAt: 0 };
const parsed = parseDeliveryPath('/demo/image/upload/w_30/v1795368841/cat.webp');
if (!parsed.ok) throw new Error(parsed.message);
const derivative = await handler(parsed.delivery, {
  original: {
    ...{ ...id, ...facts, format: 'png', bytes: picture.length, localPath: undefined },
    stream: () => Readable.from([picture]),
    bytesOf: async () => picture,
  },
  bucket: undefined,
  signal: new AbortController().signal,
  limits: { maxInputPixels: 1_000_000, maxOutputPixels: 1_000_000 },
});
const { format, width, height } = await sharp(derivative.body as Buffer).metadata();
console.log(
  JSON.stringify({
    probed: [probed?.format, probed?.width, probed?.height],
    made: [derivative.contentType, format, width, height],
  }),
);
