import { readParameter } from './component-text.ts';
import { decoded } from './decoded.ts';
import type { Delivery, ResourceType } from './delivery.ts';
import { cloudNamePattern, type PathParts, readVersion, splitExtension, splitPath } from './delivery-path-parts.ts';
import { defaultMaxPublicIdLength, publicIdProblem } from './public-id.ts';
import { parseTransformation, type TransformationOptions } from './transformation-text.ts';
import { byteLength } from './utf8-length.ts';

/** Limits of a delivery path. */
export interface DeliveryPathLimits {
  /** Bytes of path and query, as UTF-8. @default 2048 */
  readonly maxBytes?: number;
  /** Characters of the decoded public ID. @default 255 */
  readonly maxPublicIdLength?: number;
}

/** The signature of a signed path, and the texts that it may cover. */
export interface DeliverySignature {
  /** 8 or 32 characters of base64url. */
  readonly text: string;
  /**
   * Components and public ID with extension, without version. Some SDKs sign the percent-encoded text, others the
   * decoded text, so the signature is valid if it matches any of these.
   */
  readonly payloads: readonly string[];
}

/** Why a delivery path is refused. */
export interface DeliveryPathProblem {
  readonly ok: false;
  readonly code: 'invalid_url' | 'invalid_public_id' | 'uri_too_long' | 'bad_transformation' | 'not_offered';
  /** One line that says what is wrong and where. */
  readonly message: string;
  /** The part of the path that is wrong. */
  readonly piece?: string;
  /** A similar text that is valid. */
  readonly suggestion?: string;
  /** What to change if the path should have another meaning. */
  readonly hint?: string;
}

/** The delivery that a path names, or the reason why the path is refused. */
export type ParsedDelivery =
  | {
      readonly ok: true;
      readonly delivery: Delivery;
      readonly signature: DeliverySignature | undefined;
      /** `true` when a part of the transformation is named (`t_`), so that the URL's meaning can change. */
      readonly isNamed?: true;
    }
  | DeliveryPathProblem;

const resourceTypes: readonly ResourceType[] = ['image', 'video', 'raw'];
// Types of Cloudinary that Safelight does not offer.
const resourceTypesNotOffered = /^(images|videos|files|private_images|authenticated_images|iu)$/;
const deliveryTypesNotOffered =
  /^(private|authenticated|fetch|list|text|multi|sprite|asset|facebook|twitter|twitter_name|instagram_name|gravatar|youtube|hulu|vimeo|animoto|worldstarhiphop|dailymotion)$/;

/**
 * Reads `/<cloud>/<resource type>/upload/[s--signature--/][components/][v<n>/]<public id>[.<ext>]`. Never throws.
 *
 * @param path - percent-encoded, as a request has it; a query or fragment is ignored
 * @example
 * const parsed = parseDeliveryPath('/demo/image/upload/w_300/v1719307544/animals/cat.jpg');
 * if (parsed.ok) {
 *   parsed.delivery.publicId; // 'animals/cat'
 *   parsed.delivery.transformation; // [{ width: 300, crop: 'scale' }]
 * } else {
 *   parsed.message; // such as 'Invalid width in transformation: abc'
 * }
 */
export function parseDeliveryPath(
  path: string,
  {
    maxBytes = 2048,
    maxPublicIdLength = defaultMaxPublicIdLength,
    named,
  }: DeliveryPathLimits & TransformationOptions = {},
): ParsedDelivery {
  if (byteLength(path, maxBytes) > maxBytes) {
    return { ok: false, code: 'uri_too_long', message: `The URL is too long: more than ${maxBytes} bytes.` };
  }
  const [beforeQuery = ''] = path.split(/[?#]/, 1);
  const [root, cloudName = '', resourceType = '', deliveryType = '', ...segments] = beforeQuery.split('/');
  const headError = headProblem(root, cloudName, resourceType, deliveryType);
  if (headError !== undefined) return headError;
  if (segments.at(-1) === '' || segments.length === 0)
    return invalidPublicId('The public ID is empty or ends with "/".');
  // `//` counts as `/`.
  const parts = splitPath(segments.filter((segment) => segment !== ''));

  const parsed = parseTransformation(parts.components.join('/'), { named });
  if (!parsed.ok) return parts.version === undefined ? { ...parsed, hint: folderHint(parts) } : parsed;

  const encodedId = parts.id.join('/');
  const { name, extension } = resourceType === 'raw' ? { name: encodedId, extension: undefined } : splitLast(parts.id);
  const publicId = decoded(name);
  if (publicId === undefined) return invalidPublicId('The public ID has malformed percent-encoding.', name);
  const problem = publicIdProblem(publicId, maxPublicIdLength);
  if (problem !== undefined) return invalidPublicId(problem, publicId);

  const formatProblem = resourceType === 'image' ? extensionProblem(extension) : undefined;
  if (formatProblem !== undefined) return formatProblem;

  const delivery: Delivery = {
    cloudName,
    resourceType: resourceType as ResourceType,
    publicId,
    transformation: parsed.transformation,
    version: parts.version === undefined ? undefined : readVersion(parts.version),
    extension,
    placeholder: parsed.placeholder,
  };
  const { isNamed } = parsed;
  return { ok: true, delivery, signature: signatureOf(parts, encodedId), ...(isNamed && { isNamed }) };
}

/**
 * Why a picture cannot be delivered with an extension: it must be a format that `f_` offers. `svg` is allowed, because
 * URLs of SVG originals have it; only a handler can know the format of the original.
 *
 * @param extension - in lower case; `undefined` for the format of the original
 * @returns `undefined` when the extension is allowed
 * @example
 * extensionProblem('webp'); // undefined
 * extensionProblem('heic')?.code; // 'not_offered'
 */
export function extensionProblem(extension: string | undefined): DeliveryPathProblem | undefined {
  if (extension === undefined || extension === 'svg') return undefined;
  const read = readParameter('f', extension);
  if (read.ok && extension !== 'auto') return undefined;
  const isKnown = !read.ok && read.code === 'not_offered';
  const hint = 'If the text after the last dot belongs to the public ID, write a dot at the end of the URL.';
  return {
    ok: false,
    code: isKnown ? 'not_offered' : 'bad_transformation',
    message: `${isKnown ? 'This format is not offered' : 'Invalid format'} as extension: ${extension}.`,
    piece: extension,
    hint,
  };
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
    const code = resourceTypesNotOffered.test(resourceType) ? 'not_offered' : 'invalid_url';
    const what = code === 'not_offered' ? 'is not offered' : 'is unknown';
    const message = `The resource type ${quote(resourceType)} ${what}: image, video or raw is expected.`;
    return { ok: false, code, message, piece: resourceType };
  }
  if (deliveryType !== 'upload') {
    const code = deliveryTypesNotOffered.test(deliveryType) ? 'not_offered' : 'invalid_url';
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

function signatureOf(parts: PathParts, encodedId: string): DeliverySignature | undefined {
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
