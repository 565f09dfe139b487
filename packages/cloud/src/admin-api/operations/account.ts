import type { PresetDescription, UsageResponse } from '@safelight/protocol';
import { z } from 'zod';
import { notFound } from '../../upload-api/api-error.ts';
import { isoTime } from '../../upload-api/describe-asset.ts';
import { flag } from '../../upload-api/input.ts';
import type { UploadPreset } from '../../upload-api/upload-preset.ts';
import { type AdminCall, type AdminOperation, operation } from '../operation.ts';
import { indexOf, pageOf } from '../pages.ts';
import * as schemas from '../schemas.ts';

export const ping: AdminOperation = operation({
  name: 'ping',
  method: 'GET',
  path: 'ping',
  summary: 'Checks the server and the credentials',
  shape: {},
  run: async () => ({ status: 'ok' }),
});

export const config: AdminOperation = operation({
  name: 'config',
  method: 'GET',
  path: 'config',
  summary: 'The name of the cloud, and how its folders work',
  shape: { settings: flag.optional() },
  // The folder of an asset is the beginning of its public ID.
  run: async ({ settings }, { context }) => ({
    cloud_name: context.cloudName,
    ...(settings ? { settings: { folder_mode: 'fixed' } } : {}),
  }),
});

export const resourceTypes: AdminOperation = operation({
  name: 'resource_types',
  method: 'GET',
  path: 'resources',
  summary: 'The types of assets',
  shape: {},
  run: async () => ({ resource_types: ['image', 'video', 'raw'] }),
});

export const usage: AdminOperation = operation({
  name: 'usage',
  method: 'GET',
  path: 'usage',
  summary: 'The number of assets and of cached derivatives, and the bytes of the originals',
  shape: { date: schemas.day.optional() },
  run: (_, call) => presentUsage(call),
});

export const usageOfDay: AdminOperation = operation({
  name: 'usage',
  method: 'GET',
  path: 'usage/{date}',
  summary: 'The same, with a day in the path. The numbers are always the present ones',
  shape: { date: schemas.day },
  run: (_, call) => presentUsage(call),
});

/** Safelight counts neither requests nor bytes that were sent, so these are 0. */
async function presentUsage({ context }: AdminCall): Promise<UsageResponse> {
  const { assets, bytes, derived } = await pageOf(indexOf(context), (index) => index.usage());
  return {
    plan: 'Safelight',
    last_updated: isoTime(context.clock()).slice(0, 10),
    transformations: { usage: derived, limit: 0, used_percent: 0 },
    objects: { usage: assets + derived },
    bandwidth: { usage: 0 },
    storage: { usage: bytes },
    requests: 0,
    resources: assets,
    derived_resources: derived,
    media_limits: {
      image_max_size_bytes: context.maxUploadBytes,
      video_max_size_bytes: context.maxUploadBytes,
      raw_max_size_bytes: context.maxUploadBytes,
    },
  };
}

const presetPage = { max_results: schemas.maxResults.optional(), next_cursor: schemas.cursor.optional() };

/** There are few presets: they are options of the server. So one page has all. */
export const uploadPresets: AdminOperation = operation({
  name: 'upload_presets',
  method: 'GET',
  path: 'upload_presets',
  summary: 'The presets for uploads without a signature',
  shape: presetPage,
  run: async (_, { context }) => ({
    presets: [...context.presets].map(([name, settings]) => described(name, settings)),
  }),
});

export const uploadPreset: AdminOperation = operation({
  name: 'upload_preset',
  method: 'GET',
  path: 'upload_presets/{name}',
  summary: 'One preset',
  shape: { name: z.string() },
  async run({ name }, { context }) {
    const settings = context.presets.get(name);
    if (settings === undefined) throw notFound(`Can't find upload preset ${name.slice(0, 100)}`);
    return described(name, settings);
  },
});

/** The settings with the names that uploads use. */
function described(name: string, preset: UploadPreset): PresetDescription {
  const named = Object.entries(preset).map(([key, value]) => [
    key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value,
  ]);
  return { name, unsigned: true, settings: Object.fromEntries(named) };
}
