/** A delivery URL of Cloudinary, parsed into the parts that may be different in an equivalent URL. */
export interface CloudinaryUrl {
  /** `undefined` when the URL does not name it: with private CDNs and custom host names. */
  readonly cloudName: string | undefined;
  readonly resourceType: 'image' | 'video' | 'raw';
  readonly type: string;
  /** Decoded, and without the extension of a format (except for `raw`). */
  readonly publicId: string;
  readonly isSigned: boolean;
  /** The components of the transformation, as they are in the URL. */
  readonly components: readonly string[];
  readonly version: number | undefined;
  /** The same URL with other components, or another version. */
  with(changes: { readonly components?: readonly string[]; readonly version?: number }): string;
}

const kindNames: Readonly<Record<string, readonly ['image' | 'video' | 'raw', string]>> = {
  images: ['image', 'upload'],
  private_images: ['image', 'private'],
  authenticated_images: ['image', 'authenticated'],
  videos: ['video', 'upload'],
  files: ['raw', 'upload'],
  iu: ['image', 'upload'],
};

const signature = /^s--(?:[\w-]{8}|[\w-]{32})--$/;
/** A text that begins with a key of Cloudinary's transformation grammar, also one that Safelight does not support. */
const parameter =
  /^(?:\$[A-Za-z]|(?:a[cfr]?|b[lor]?|c[os]?|dl|dn|dpr|du|d|eo?|f[ln]?|fps|g|h|if|ki|l|o|pg?|q|r|s[op]|t|u|v[cs]|w|x|y|z)_)/;
const formats =
  /\.(?:a?png|avif|bmp|gif|hei[cf]|ico|jp[eg2]|jpeg|jxl|jxr|pdf|psd|svg|tga|tiff?|wdp|webp|ai|eps|glb|3g[2p]|avi|flv|m3u8|m2ts|m4v|mkv|mov|mpd|mp4|mpeg|mts|mxf|ogv|ts|webm|wmv|aac|aiff|amr|flac|m4a|mp3|ogg|opus|wav)$/i;

/** Returns `undefined` for a URL without an uploaded asset (fetch, sprite, text, social …), and for any other URL. */
export function readCloudinaryUrl({ origin, hostname, pathname, search }: URL): CloudinaryUrl | undefined {
  const segments = pathname.split('/').slice(1);
  const kindAt = segments.findIndex(
    (segment, at) => at < 2 && (isResourceType(segment) || Object.hasOwn(kindNames, segment)),
  );
  const kind = segments[kindAt];
  if (kind === undefined || segments.includes('')) return undefined;
  const named = kindNames[kind];
  // An SEO name may also be followed by its delivery type.
  const isTyped = named === undefined || segments[kindAt + 1] === named[1];
  const [resourceType, type] = named ?? [kind as 'image', segments[kindAt + 1] ?? ''];
  if (!/^(?:upload|private|authenticated)$/.test(type)) return undefined;

  const rest = segments.slice(kindAt + (isTyped ? 2 : 1));
  const last = rest.length - 1;
  const head = rest.slice(0, signature.test(rest[0] ?? '') ? 1 : 0);
  const versionAt = rest.findIndex((segment, at) => at < last && /^v\d{1,15}$/.test(segment));
  let idAt = versionAt;
  if (versionAt === -1) for (idAt = head.length; idAt < last && isComponent(rest[idAt]); ) idAt += 1;
  const components = rest.slice(head.length, idAt);
  const id = rest.slice(versionAt === -1 ? idAt : idAt + 1);
  if (id.length === 0) return undefined;
  const version = versionAt === -1 ? undefined : Number(rest[versionAt]?.slice(1));
  const before = [origin, ...segments.slice(0, segments.length - rest.length), ...head];
  // The last segment of an SEO URL is a readable suffix, not a part of the public ID.
  const name = (named === undefined || kind === 'iu' || id.length < 2 ? id : id.slice(0, -1)).join('/');
  return {
    cloudName: kindAt === 1 ? segments[0] : /^(.+)-res\.cloudinary\.com$/.exec(hostname)?.[1],
    resourceType,
    type,
    publicId: decodedOrSame(resourceType === 'raw' ? name : name.replace(formats, '')),
    isSigned: head.length > 0,
    components,
    version,
    with: (changes) => {
      const pinned = changes.version ?? version;
      const versions = pinned === undefined ? [] : [`v${pinned}`];
      return [...before, ...(changes.components ?? components), ...versions, ...id].join('/') + search;
    },
  };
}

/**
 * The sibling of a URL: an equivalent URL of the same picture with another cache key. Its transformation has a further
 * component that changes nothing. For signed URLs and raw files this is not possible, and a video would be transcoded
 * again; then the sibling has another version, for which Cloudinary delivers the newest bytes.
 */
export function siblingOf(url: CloudinaryUrl): string {
  const { isSigned, resourceType, components, version } = url;
  if (!isSigned && resourceType === 'image') return url.with({ components: [...components, 'a_0'] });
  return url.with({ version: version === undefined ? 1 : version > 1 ? version - 1 : 2 });
}

function isResourceType(segment: string): boolean {
  return segment === 'image' || segment === 'video' || segment === 'raw';
}

/** An encoded comma does not separate parameters, so each part is decoded after the split. */
function isComponent(segment = ''): boolean {
  return segment.split(',').some((part) => parameter.test(decodedOrSame(part)));
}

/** A part that is not validly encoded stays as it is. `decoded` of protocol would move into the code that pages load. */
function decodedOrSame(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
