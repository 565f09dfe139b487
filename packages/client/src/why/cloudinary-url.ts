/** A delivery URL of Cloudinary, parsed into the parts in which another spelling of the same picture differs. */
export interface CloudinaryUrl {
  /** `undefined` when the URL names none: private CDNs, custom host names. */
  readonly cloudName: string | undefined;
  readonly resourceType: 'image' | 'video' | 'raw';
  readonly type: string;
  /** Decoded, without the extension when that only names a format. */
  readonly publicId: string;
  readonly isSigned: boolean;
  /** As they are in the URL. */
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
/** Begins with a key of the transformation grammar, known to Safelight or not. */
const parameter =
  /^(?:\$[A-Za-z]|(?:a[cfr]?|b[lor]?|c[os]?|dl|dn|dpr|du|d|eo?|f[ln]?|fps|g|h|if|ki|l|o|pg?|q|r|s[op]|t|u|v[cs]|w|x|y|z)_)/;
const formats =
  /\.(?:a?png|avif|bmp|gif|hei[cf]|ico|jp[eg2]|jpeg|jxl|jxr|pdf|psd|svg|tga|tiff?|wdp|webp|ai|eps|glb|3g[2p]|avi|flv|m3u8|m2ts|m4v|mkv|mov|mpd|mp4|mpeg|mts|mxf|ogv|ts|webm|wmv|aac|aiff|amr|flac|m4a|mp3|ogg|opus|wav)$/i;

/** `undefined` for a URL without an uploaded asset (fetch, sprite, text, social …), or for another URL. */
export function readCloudinaryUrl({ origin, hostname, pathname, search }: URL): CloudinaryUrl | undefined {
  const segments = pathname.split('/').slice(1);
  const kindAt = segments.findIndex(
    (segment, at) => at < 2 && (isResourceType(segment) || Object.hasOwn(kindNames, segment)),
  );
  const kind = segments[kindAt];
  if (kind === undefined || segments.includes('')) return undefined;
  const named = kindNames[kind];
  // SEO names may be followed by their type too.
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
  // The last segment of an SEO URL is a suffix for people.
  const name = (named === undefined || kind === 'iu' || id.length < 2 ? id : id.slice(0, -1)).join('/');
  return {
    cloudName: kindAt === 1 ? segments[0] : /^(.+)-res\.cloudinary\.com$/.exec(hostname)?.[1],
    resourceType,
    type,
    publicId: decoded(resourceType === 'raw' ? name : name.replace(formats, '')),
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
 * Another spelling of the same picture, which has another cache key: with a transformation that changes nothing. Where
 * that is not possible (signed, raw), or would transcode a video again, it has another version, for which Cloudinary
 * delivers the newest bytes.
 */
export function siblingOf(url: CloudinaryUrl): string {
  const { isSigned, resourceType, components, version } = url;
  if (!isSigned && resourceType === 'image') return url.with({ components: [...components, 'a_0'] });
  return url.with({ version: version === undefined ? 1 : version > 1 ? version - 1 : 2 });
}

function isResourceType(segment: string): boolean {
  return segment === 'image' || segment === 'video' || segment === 'raw';
}

/** A comma that separates parameters is not encoded. */
function isComponent(segment = ''): boolean {
  return segment.split(',').some((part) => parameter.test(decoded(part)));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
