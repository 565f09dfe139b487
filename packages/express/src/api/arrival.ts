import type { AssetId } from '@safelight/core';
import type { ApiRoute } from './api-route.ts';
import { authenticate } from './authenticate.ts';
import type { Fields } from './fields.ts';
import { readUploadInput } from './operations/upload-input.ts';
import { choosePublicId } from './public-id.ts';
import type { ApiContext } from './upload-api-options.ts';

/** One upload that is on its way. */
export interface Arrival {
  /**
   * Says that an original is arriving, as soon as these parameters tell which, and who sends it; may be called again when
   * more are known. Does nothing for an asset that exists: its old version is delivered meanwhile.
   */
  expect(fields: Fields): void;
  /** The upload is confirmed, or nothing will come of it. */
  over(): void;
}

/**
 * Lets those who ask for a derivation of what is being uploaded wait for it. Who may not upload cannot make anybody wait;
 * there are never more such assets than uploads under way.
 */
export function createArrival(route: ApiRoute, isBasic: boolean, context: ApiContext): Arrival {
  let isExpected = false;
  let isOver = false;
  let end: (() => void) | undefined;

  async function begin(asset: AssetId): Promise<void> {
    const known = await context.originals.find(asset);
    if (known === undefined && !isOver) end = context.changing(asset);
  }

  return {
    expect(fields) {
      const asset = isExpected ? undefined : assetOf(route, isBasic, fields, context);
      if (asset === undefined) return;
      isExpected = true;
      // That the disk fails is for the upload itself to find out and say.
      begin(asset).catch(() => undefined);
    },
    over() {
      isOver = true;
      end?.();
    },
  };
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
