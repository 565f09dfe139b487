import { isSafelightError, type UploadedAsset } from '@safelight/client';
import { client } from './client.ts';

const key = 'safelight-gallery';

/**
 * Stores an asset's reference so that it outlives the page. The reference names the version, so nothing else is needed.
 */
export function cache(asset: UploadedAsset): void {
  localStorage.setItem(key, JSON.stringify([...stored(), asset]));
}

export function forget({ publicId }: UploadedAsset): void {
  const left = storedAssets().filter((asset) => asset.publicId !== publicId);
  localStorage.setItem(key, JSON.stringify(left));
}

/** The stored references, validated: a browser's storage may contain anything. It sends no request. */
export function storedAssets(): readonly UploadedAsset[] {
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
