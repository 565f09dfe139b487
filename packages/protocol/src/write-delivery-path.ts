import { checkParts } from './check-parts.ts';
import type { Delivery } from './delivery.ts';
import { writeStep } from './write-transformation.ts';

/**
 * The path of a delivery for pages: small, and read as the same delivery as the path of `formatDeliveryPath`. The
 * transformation need not be canonical, and is not made so. Without a version, `v1/` is written before every public ID
 * with a `/`, as official SDKs do it, because its folders could be read as components.
 * @throws {TypeError} when a part cannot be written, or as `writeTransformation`
 */
export function writeDeliveryPath({
  cloudName,
  publicId,
  version,
  resourceType,
  extension = '',
  transformation,
}: Omit<Delivery, 'placeholder'>): string {
  checkParts({ cloudName, publicId, version: version ?? 2, resourceType, format: extension });
  const id = encodeURI(publicId);
  const segments = [...transformation.map(writeStep), version || id.includes('/') ? `v${version ?? 1}` : '', id];
  // What follows the last dot would be read as an extension; a dot at the very end says that there is none.
  const end = resourceType !== 'raw' && (extension || /[^/]\.[a-z\d]{0,10}$/i.test(id)) ? `.${extension}` : '';
  return `/${cloudName}/${resourceType}/upload/${segments.filter((segment) => segment).join('/')}${end}`;
}
