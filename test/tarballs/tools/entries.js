import { createClient } from '@safelight/client';
import { heal } from '@safelight/client/image';
import { createUploader } from '@safelight/client/upload';
import { createAsset, imgAttrs } from '@safelight/client/url';
import { why } from '@safelight/client/why';
import { formatDeliveryPath } from '@safelight/protocol';

// An application that a bundler builds: it prints a URL, and which functions it has got.
const place = { endpoint: 'https://pictures.example', cloudName: 'demo' };
const stored = { publicId: 'cat', version: 1795368841, resourceType: 'image', format: 'jpg' };
const asset = createClient(place).asset(stored);
const functions = [createUploader(place), heal, createAsset, imgAttrs, why, formatDeliveryPath];
console.log(JSON.stringify([asset.url({ width: 300 }), ...functions.map((value) => typeof value)]));
