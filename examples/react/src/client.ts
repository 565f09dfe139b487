import { createClient } from '@safelight/client';

/** Made once, outside of components. The server of this page also delivers the pictures. */
export const client = createClient({
  endpoint: location.origin,
  cloudName: 'demo',
  uploadPreset: 'album',
  concurrency: 2,
});
