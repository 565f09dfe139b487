import { type AssetRef, createClient, type DeliveryUrl, type UploadedAsset } from '@safelight/client';
import { assetSrc, createLoader } from '@safelight/client/next';
import { createUploader } from '@safelight/client/upload';
import { createAsset } from '@safelight/client/url';
import { why } from '@safelight/client/why';

// Compiled, never run: a typed application with the published declarations.
const place = { endpoint: 'https://pictures.example', cloudName: 'demo' };

export async function publish(file: File): Promise<{ readonly stored: AssetRef; readonly url: DeliveryUrl }> {
  const asset: UploadedAsset = await createClient({ ...place, uploadPreset: 'browser' }).upload(file);
  return { stored: asset.toJSON(), url: asset.url({ width: 300, crop: 'fill' }) };
}

export const loader: (props: { src: string; width: number; quality?: number }) => string = createLoader(place);
export const sourceOf = (stored: AssetRef): string => assetSrc(createAsset(stored, place));
export const uploadAgain = (body: Blob): Promise<UploadedAsset> => createUploader(place)(body);
export { why };

// @ts-expect-error the declarations are really there: nothing has become `any`
createAsset({}, { endpoint: 5 });
