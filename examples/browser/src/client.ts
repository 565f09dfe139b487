import { createClient, signAt } from '@safelight/client';

/** The server of this page also delivers the pictures. */
export const place = { endpoint: location.origin, cloudName: 'demo' };

export const client = createClient({ ...place, sign: signAt('/sign'), concurrency: 2 });
