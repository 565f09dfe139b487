import { createClient, isSafelightError } from '@safelight/client';
import { createAsset } from '@safelight/client/url';

// The page of a bundled application: choose a picture, and see it as the server delivers it.
const input = document.querySelector('input');
const output = document.querySelector('output');
const img = document.querySelector('img');

const place = { endpoint: location.origin, cloudName: 'demo' };
const client = createClient({ ...place, uploadPreset: 'browser' });

input?.addEventListener('change', async () => {
  const [file] = input.files ?? [];
  if (!file || !img || !output) return;
  const phases = new Set<string>();
  try {
    const asset = await client.upload(file, { onProgress: ({ phase }) => phases.add(phase) });
    // By way of JSON, as an application would keep it.
    const stored = createAsset(JSON.parse(JSON.stringify(asset)), place);
    Object.assign(img, stored.attrs({ width: 300, alt: 'What was uploaded' }));
    await img.decode();
    output.value = [...phases, 'shown'].join(' ');
  } catch (error) {
    output.value = isSafelightError(error) ? `${error.code}: ${error.message}` : String(error);
  }
});
