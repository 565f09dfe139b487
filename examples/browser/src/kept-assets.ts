import { isSafelightError, type UploadedAsset } from '@safelight/client';
import { client } from './client.ts';

const key = 'safelight-gallery';

/** Puts an asset's reference where it outlives the page. The reference names the version, so it is all that is needed. */
export function keep(asset: UploadedAsset): void {
  localStorage.setItem(key, JSON.stringify([...stored(), asset]));
}

export function forget({ publicId }: UploadedAsset): void {
  const left = keptAssets().filter((asset) => asset.publicId !== publicId);
  localStorage.setItem(key, JSON.stringify(left));
}

/** What was kept, checked: anything may stand in a browser's storage. Nothing is asked of the server. */
export function keptAssets(): readonly UploadedAsset[] {
  return stored().flatMap((ref) => {
    try {
      return [client.asset(ref)];
    } catch (error) {
      if (isSafelightError(error)) return [];
      throw error;
    }
  });
}

function stored(): readonly unknown[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}
