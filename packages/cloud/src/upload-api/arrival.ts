import type { AssetId } from '@safelight/core';
import type { ApiRoute } from './api-route.ts';
import { authenticate } from './authenticate.ts';
import type { Fields } from './fields.ts';
import { readUploadInput } from './operations/upload-input.ts';
import { choosePublicId } from './public-id.ts';
import type { ApiContext } from './upload-api-options.ts';

/** What one call is about to bring. Whoever misses it meanwhile waits; nobody waits for what is there already. */
export interface Arrival {
  /** Takes what an upload's parameters tell, as far as they are there and show that the caller may bring it. */
  expect(fields: Fields): void;
  /** It is this asset, whatever was expected before. To be awaited before it is published. */
  is(asset: AssetId): Promise<void>;
  /** It is confirmed, or nothing will come of it. */
  over(): void;
}

/**
 * Lets those who ask for a derivation of what is being uploaded wait for it, as soon as it is known what that is. Who may
 * not upload cannot make anybody wait; there are never more such assets than calls under way.
 */
export function createArrival(route: ApiRoute, isBasic: boolean, context: ApiContext): Arrival {
  let expected: { readonly asset: AssetId; readonly end: () => void; readonly checked: Promise<void> } | undefined;

  function is(asset: AssetId): Promise<void> {
    if (expected !== undefined && isSame(expected.asset, asset)) return expected.checked;
    expected?.end();
    const end = context.changing(asset);
    const endIfThere = (original: unknown) => {
      if (original !== undefined) end();
    };
    // That it cannot be told is for the call itself to find out and say.
    const checked = context.originals.find(asset).then(endIfThere, () => {});
    expected = { asset, end, checked };
    return checked;
  }

  return {
    is,
    expect(fields) {
      const asset = assetOf(route, isBasic, fields, context);
      if (asset !== undefined) void is(asset);
    },
    over: () => expected?.end(),
  };
}

function isSame(a: AssetId, b: AssetId): boolean {
  return a.resourceType === b.resourceType && a.publicId === b.publicId;
}

function assetOf(route: ApiRoute, isBasic: boolean, fields: Fields, context: ApiContext): AssetId | undefined {
  if (route.operation !== 'upload') return undefined;
  try {
    const input = readUploadInput(fields, authenticate({ isBasic, fields, mayBeUnsigned: true }, context));
    const { public_id: publicId, folder, public_id_prefix: publicIdPrefix } = input;
    // One that will be made up is not known to anybody who could ask for it.
    if (publicId === undefined) return undefined;
    const resourceType = route.resourceType === 'auto' ? 'image' : route.resourceType;
    return { resourceType, publicId: choosePublicId(resourceType, { publicId, folder, publicIdPrefix }) };
  } catch {
    // Not known yet, or refused: the call itself says so when all of it is there.
    return undefined;
  }
}
