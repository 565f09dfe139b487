import { createClient } from '@safelight/client';

// A real upload of this environment's own files to a real server.
const gif = Uint8Array.from(atob('R0lGODlhAgABAIAAAP8AAAAA/yH5BAAAAAAALAAAAAACAAEAAAICRAoAOw=='), (c) =>
  c.charCodeAt(0),
);
const client = createClient({ endpoint: process.env.ENDPOINT, cloudName: 'demo', uploadPreset: 'browser' });

for (const [kind, body] of [
  ['File', new File([gif], 'cat.gif', { type: 'image/gif' })],
  ['Blob', new Blob([gif])],
  ['Uint8Array', gif],
]) {
  for (const options of [{}, { onProgress: () => undefined }]) {
    test(`a ${kind}, with the options ${Object.keys(options)}`, async () => {
      const { width, format, bytes } = await client.upload(body, options);
      expect({ width, format, bytes }).toEqual({ width: 2, format: 'gif', bytes: gif.byteLength });
    });
  }
}
