import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { cloud } from '@safelight/cloud';
import { createSafelight } from '@safelight/express';
import { fileOriginals } from '@safelight/originals';
import { sharpHandler } from '@safelight/sharp';
import express from 'express';
import { afterPublish } from '../servers/after-publish.ts';
import { apiKey, apiSecret, signWith } from './sign-upload.ts';
import { type Stored, startBreakableServer, type UploadPlace } from './upload-place.ts';

/** A real server with a cloud and its own folder. */
export async function startSafelight(): Promise<UploadPlace> {
  const directory = await mkdtemp(join(tmpdir(), 'safelight-place-'));
  const files = fileOriginals({ directory });
  const stored: Stored[] = [];
  const originals = afterPublish(files, async (original) => {
    stored.push({ publicId: original.publicId, bytes: await buffer(original.stream()) });
  });
  const app = express();
  const safelight = createSafelight({ onError: () => undefined });
  app.use(
    cloud(safelight, 'demo', { originals, handler: sharpHandler(), apiKey, apiSecret, uploadPresets: ['browser'] }),
  );
  const { origin, close, ...server } = await startBreakableServer(app);
  const options = { endpoint: origin, cloudName: 'demo', chunkBytes: 5_000_000, random: () => 0 };
  return {
    ...server,
    stored,
    deliveryOrigin: origin,
    options: { ...options, uploadPreset: 'browser' },
    signedOptions: { ...options, sign: signWith() },
    async close() {
      await close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
