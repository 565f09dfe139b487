import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * Loads a new copy of the official SDK that calls `uploadPrefix`. The SDK chooses `http` or `https` by the environment
 * when it is loaded, so the copy of another test may have the wrong protocol.
 */
export function freshSdk(uploadPrefix: string): typeof import('cloudinary').v2 {
  const known = process.env['CLOUDINARY_URL'];
  for (const path of Object.keys(require.cache)) {
    if (path.includes('/node_modules/cloudinary/')) delete require.cache[path];
  }
  process.env['CLOUDINARY_URL'] = `cloudinary://1234:safelight-secret@demo?upload_prefix=${uploadPrefix}`;
  try {
    const sdk = (require('cloudinary') as typeof import('cloudinary')).v2;
    sdk.config(true);
    return sdk;
  } finally {
    if (known === undefined) delete process.env['CLOUDINARY_URL'];
    else process.env['CLOUDINARY_URL'] = known;
  }
}
