import { decoded } from './decoded.ts';
import type { Delivery, ResourceType } from './delivery.ts';
import { cloudNamePattern, type PathParts, readVersion, splitExtension, splitPath } from './delivery-path-parts.ts';
import { defaultMaxPublicIdLength, publicIdProblem } from './public-id.ts';
import { parseTransformation } from './transformation-text.ts';
import { byteLength } from './utf8-length.ts';

export interface DeliveryPathLimits {
  /** Bytes of path and query, as UTF-8. @default 2048 */
  readonly maxBytes?: number;
  /** Characters of the decoded public ID. @default 255 */
  readonly maxPublicIdLength?: number;
}

/** What a signed path carries. */
export interface DeliverySignature {
  /** 8 or 32 characters of base64url. */
  readonly text: string;
  /**
   * What may have been signed: components and public ID with extension, without version. Some SDKs sign the
   * percent-encoded text and some the decoded one, so a signature over any of these is good.
   */
  readonly payloads: readonly string[];
}

export interface DeliveryPathProblem {
  readonly ok: false;
  readonly code: 'invalid_url' | 'invalid_public_id' | 'uri_too_long' | 'bad_transformation' | 'not_offered';
  /** One line that says what is wrong and where. */
  readonly message: string;
  /** The part of the path that is wrong. */
  readonly piece?: string;
  /** What was probably meant. */
  readonly suggestion?: string;
  /** What to do when the path was meant differently. */
  readonly hint?: string;
}

export type ParsedDelivery =
  | { readonly ok: true; readonly delivery: Delivery; readonly signature: DeliverySignature | undefined }
  | DeliveryPathProblem;

const resourceTypes: readonly ResourceType[] = ['image', 'video', 'raw'];
const resourceTypesElsewhere = /^(images|videos|files|private_images|authenticated_images|iu)$/;
const deliveryTypesElsewhere =
  /^(private|authenticated|fetch|list|text|multi|sprite|asset|facebook|twitter|twitter_name|instagram_name|gravatar|youtube|hulu|vimeo|animoto|worldstarhiphop|dailymotion)$/;

/**
 * Reads `/<cloud>/<resource type>/upload/[s--signature--/][components/][v<n>/]<public id>[.<ext>]`, as it is on the
 * wire: percent-encoded, with or without a query (which is ignored). Never throws, whatever the string.
 */
export function parseDeliveryPath(
  path: string,
  { maxBytes = 2048, maxPublicIdLength = defaultMaxPublicIdLength }: DeliveryPathLimits = {},
): ParsedDelivery {
  if (byteLength(path, maxBytes) > maxBytes) {
    return { ok: false, code: 'uri_too_long', message: `The URL is too long: more than ${maxBytes} bytes.` };
  }
  const [beforeQuery = ''] = path.split(/[?#]/, 1);
  const [root, cloudName = '', resourceType = '', deliveryType = '', ...segments] = beforeQuery.split('/');
  const wrongHead = headProblem(root, cloudName, resourceType, deliveryType);
  if (wrongHead !== undefined) return wrongHead;
  if (segments.at(-1) === '' || segments.length === 0)
    return invalidPublicId('The public ID is empty or ends with "/".');
  // The wire's rule: `//` counts as `/`.
  const parts = splitPath(segments.filter((segment) => segment !== ''));

  const parsed = parseTransformation(parts.components.join('/'));
  if (!parsed.ok) return parts.version === undefined ? { ...parsed, hint: folderHint(parts) } : parsed;

  const encodedId = parts.id.join('/');
  const { name, extension } = resourceType === 'raw' ? { name: encodedId, extension: undefined } : splitLast(parts.id);
  const publicId = decoded(name);
  if (publicId === undefined) return invalidPublicId('The public ID has malformed percent-encoding.', name);
  const problem = publicIdProblem(publicId, maxPublicIdLength);
  if (problem !== undefined) return invalidPublicId(problem, publicId);

  const delivery: Delivery = {
    cloudName,
    resourceType: resourceType as ResourceType,
    publicId,
    transformation: parsed.transformation,
    version: parts.version === undefined ? undefined : readVersion(parts.version),
    extension,
    placeholder: parsed.placeholder,
  };
  return { ok: true, delivery, signature: readSignature(parts, encodedId) };
}

function headProblem(
  root: string | undefined,
  cloudName: string,
  resourceType: string,
  deliveryType: string,
): DeliveryPathProblem | undefined {
  if (root !== '' || !cloudNamePattern.test(cloudName)) {
    return { ok: false, code: 'invalid_url', message: 'A delivery URL begins with /<cloud name>/.', piece: cloudName };
  }
  if (!resourceTypes.some((known) => known === resourceType)) {
    const code = resourceTypesElsewhere.test(resourceType) ? 'not_offered' : 'invalid_url';
    const what = code === 'not_offered' ? 'is not offered' : 'is unknown';
    const message = `The resource type ${quote(resourceType)} ${what}: image, video or raw is expected.`;
    return { ok: false, code, message, piece: resourceType };
  }
  if (deliveryType !== 'upload') {
    const code = deliveryTypesElsewhere.test(deliveryType) ? 'not_offered' : 'invalid_url';
    const what = code === 'not_offered' ? 'is not offered' : 'is unknown';
    return {
      ok: false,
      code,
      message: `The delivery type ${quote(deliveryType)} ${what}: upload is expected.`,
      piece: deliveryType,
    };
  }
  return undefined;
}

function invalidPublicId(message: string, piece?: string): DeliveryPathProblem {
  return { ok: false, code: 'invalid_public_id', message, ...(piece !== undefined && { piece }) };
}

function folderHint({ components: [first = ''] }: PathParts): string {
  return `If ${quote(first)} is a folder, write v1/ before the public ID.`;
}

function splitLast(id: readonly string[]): { readonly name: string; readonly extension: string | undefined } {
  const { name, extension } = splitExtension(id.at(-1) ?? '');
  return { name: [...id.slice(0, -1), name].join('/'), extension };
}

function readSignature(parts: PathParts, encodedId: string): DeliverySignature | undefined {
  if (parts.signature === undefined) return undefined;
  const encoded = parts.components.join('/');
  const decodedId = decoded(encodedId) ?? encodedId;
  const join = (head: string, id: string): string => (head === '' ? id : `${head}/${id}`);
  const payloads = [join(encoded, encodedId), join(encoded, decodedId), join(decoded(encoded) ?? encoded, decodedId)];
  return { text: parts.signature, payloads: [...new Set(payloads)] };
}

function quote(text: string): string {
  return `"${text.length > 60 ? `${text.slice(0, 60)}...` : text}"`;
}
