import { createClient } from '@safelight/client';
import { fileFromPath } from '@safelight/client/node';

// A script for Node: uploads a file from the disk, and prints the URL of a derivation.
const [endpoint = '', path = ''] = process.argv.slice(2);
const client = createClient({ endpoint, cloudName: 'demo', uploadPreset: 'browser' });
const asset = await client.upload(await fileFromPath(path));
console.log(asset.url({ width: 90, format: 'webp' }));
