import { createHash } from 'node:crypto';
import type { Sent } from './loopback.ts';

const boundary = 'safelight-trace';

export interface ApiKey {
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** The body of a signed upload of `cat.png`. */
export function signedUpload(
  { apiKey, apiSecret }: ApiKey,
  picture: Buffer,
  parameters: Readonly<Record<string, string>> = {},
): Sent {
  const signed = { ...parameters, timestamp: String(Math.floor(Date.now() / 1000)) };
  const fields = Object.entries(signed).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const text = fields.map(([name, value]) => `${name}=${value}`).join('&');
  const signature = createHash('sha1').update(`${text}${apiSecret}`).digest('hex');
  const parts = Object.entries({ ...signed, api_key: apiKey, signature }).map(
    ([name, value]) => `${partHead(`name="${name}"`)}\r\n${value}\r\n`,
  );
  const fileHead = `${partHead('name="file"; filename="cat.png"')}Content-Type: image/png\r\n\r\n`;
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([Buffer.from(parts.join('') + fileHead), picture, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}

function partHead(disposition: string): string {
  return `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n`;
}
