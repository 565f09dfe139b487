import type { Explainer, UrlFacts } from '@safelight/express/runtime';
import type { Identified, IdentifiedDelivery } from '../delivery/identify.ts';
import { openApiDocuments } from '../openapi/open-api-document.ts';
import { isAdministrator } from '../upload-api/authenticate.ts';
import type { ReceivedPartsOf } from '../upload-api/upload-registry.ts';
import { type AssetStatusParts, assetStatus } from './asset-status.ts';
import { uploadStatus } from './upload-status.ts';

export interface ExplainerParts extends AssetStatusParts {
  readonly receivedParts: ReceivedPartsOf;
  readonly identify: (path: string, accept: string | undefined) => Identified;
}

/** Creates the part of the control routes that explains the delivery URLs and the assets of a cloud. */
export function createExplainer(cloud: ExplainerParts): Explainer {
  return {
    owns: (path) => cloud.identify(path, undefined).kind !== 'foreign',
    factsOf(path) {
      const identified = cloud.identify(path, undefined);
      if (identified.kind === 'foreign') return undefined;
      return identified.kind === 'refused'
        ? Promise.resolve({ refused: identified.fault })
        : deliveryFacts(identified, cloud);
    },
    isAdministrator: (req) => isAdministrator(req, cloud),
    apiDocument: openApiDocuments(),
    respond(req, { operation, path, query, isOnlyMount }) {
      const name = query.get('cloud');
      const isThisCloud = name === null ? isOnlyMount : name === cloud.name;
      if (!isThisCloud) return undefined;
      return operation === 'asset_status' ? assetStatus(req, path, cloud) : uploadStatus(req, cloud.receivedParts);
    },
  };
}

async function deliveryFacts({ delivery, target }: IdentifiedDelivery, cloud: ExplainerParts): Promise<UrlFacts> {
  const { guard, originals } = cloud;
  const { resourceType, publicId, version } = delivery;
  const asset = { resourceType, publicId };
  const [found, original] = await Promise.all([guard.inspect(target), originals.find(asset)]);
  const isArriving = guard.isArriving(target) || found.isPending;
  const current = { delivery, found, isArriving, original: original ?? null };
  if (version === undefined) return current;
  return { ...current, versionExists: (await originals.find(asset, version)) !== undefined };
}
