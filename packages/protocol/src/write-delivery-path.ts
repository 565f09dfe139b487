import { checkParts } from './check-parts.ts';
import type { Delivery } from './delivery.ts';
import { writeStep } from './write-transformation.ts';

/**
 * Writes the path of a delivery. Small, for pages. `parseDeliveryPath` reads it as the same delivery as the path of
 * `formatDeliveryPath`, but the transformation is not made canonical. Without a version, every public ID with a `/`
 * gets `v1/` before it, as in the URLs of Cloudinary's SDKs, because its folders could be read as components.
 *
 * @throws {TypeError} when a part or a value of the transformation is not valid; the message names it
 * @example
 * const cat = { cloudName: 'demo', resourceType: 'image', publicId: 'animals/cat', extension: 'jpg' } as const;
 * writeDeliveryPath({ ...cat, version: undefined, transformation: [{ width: 300 }] });
 * // '/demo/image/upload/w_300/v1/animals/cat.jpg'
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
  const segments = [
    ...transformation.map((step) => encodeURI(writeStep(step))),
    version || id.includes('/') ? `v${version ?? 1}` : '',
    id,
  ];
  // The text after the last dot would be read as an extension. A trailing dot means that there is none.
  const end = resourceType !== 'raw' && (extension || /[^/]\.[a-z\d]{0,10}$/i.test(id)) ? `.${extension}` : '';
  return `/${cloudName}/${resourceType}/upload/${segments.filter((segment) => segment).join('/')}${end}`;
}
