import { isSafelightError, type UploadedAsset } from '@safelight/client';
import { client } from './client.ts';

const key = 'safelight-gallery';

/** Stores an asset's reference for the next visit. It has the version, so nothing else is needed to show the asset. */
export function store(asset: UploadedAsset): void {
  localStorage.setItem(key, JSON.stringify([...stored(), asset]));
}

export function forget({ publicId }: UploadedAsset): void {
  const others = storedAssets().filter((asset) => asset.publicId !== publicId);
  localStorage.setItem(key, JSON.stringify(others));
}

/** The stored assets. It validates the references, because the storage may contain anything, and sends no request. */
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
