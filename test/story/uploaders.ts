import type { Story } from './story.ts';

export interface Uploaded {
  readonly version: number;
  /** The path of a 30 x 20 derivation of this version, as the client writes it. */
  readonly small: string;
}

export interface Uploader {
  readonly name: string;
  upload(story: Story, publicId: string, bytes: Buffer<ArrayBuffer>): Promise<Uploaded>;
}

const ours: Uploader = {
  name: '@safelight/client',
  async upload({ client }, publicId, bytes) {
    const asset = await client.upload(bytes, { publicId });
    return { version: asset.version, small: pathOf(asset.url({ crop: 'fill', width: 30, height: 20, format: 'png' })) };
  },
};

const official: Uploader = {
  name: 'the official SDK',
  async upload({ sdk, origin, timestamp }, publicId, bytes) {
    const file = `data:image/png;base64,${bytes.toString('base64')}`;
    const { version } = await sdk.uploader.upload(file, { public_id: publicId, timestamp: timestamp() });
    const place = { secure: false, cname: new URL(origin).host, urlAnalytics: false };
    const url = sdk.url(publicId, { ...place, version, crop: 'fill', width: 30, height: 20, format: 'png' });
    return { version, small: pathOf(url) };
  },
};

/** Our client and the official SDK. */
export const uploaders: readonly Uploader[] = [ours, official];

function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}
