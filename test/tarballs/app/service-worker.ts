import { createUploader } from '@safelight/client/upload';
import { createAsset } from '@safelight/client/url';

// A worker has no XMLHttpRequest and no DOM: uploads use fetch.
const place = { endpoint: location.origin, cloudName: 'demo' };
const upload = createUploader({ ...place, uploadPreset: 'browser' });

addEventListener('message', async ({ data, ports: [port] }: MessageEvent<Blob>) => {
  try {
    const asset = await upload(data);
    const again = createAsset(asset.toJSON(), place);
    port?.postMessage({
      url: asset.url({ width: 120 }),
      same: again.url({ width: 120 }) === asset.url({ width: 120 }),
    });
  } catch (error) {
    port?.postMessage({ error: String(error) });
  }
});
