import { type DiagnosisFix, type DiagnosisMistake, parseDeliveryPath } from '@safelight/protocol';

/** Where a path is wrong, and how it could be right. */
export interface Mistake {
  readonly shown: DiagnosisMistake | undefined;
  readonly fixes: readonly DiagnosisFix[];
}

/** Why a delivery path cannot be read, piece by piece. @param mount what stands before it in the URL */
export function findMistake(path: string, mount: string): Mistake {
  const parsed = parseDeliveryPath(path);
  if (parsed.ok) return { shown: undefined, fixes: [] };
  const { piece, suggestion, hint } = parsed;
  const [bare = ''] = path.split(/[?#]/, 1);
  const shown = piece === undefined ? undefined : pointAt(bare, piece, suggestion);
  const at = piece === undefined ? -1 : placeOf(bare, piece);
  // In a path that had to be decoded to find the piece, nothing is replaced.
  const isReplaceable = piece !== undefined && suggestion !== undefined && at !== -1;
  return {
    shown,
    fixes: [
      ...(isReplaceable
        ? [
            {
              label: `Write ${suggestion} for ${piece}`,
              url: `${mount}${bare.slice(0, at)}${encodeURI(suggestion)}${bare.slice(at + piece.length)}`,
            },
          ]
        : []),
      ...(hint === undefined ? [] : [{ label: hint }]),
    ],
  };
}

/** In the transformation where it stands there, so that little is shown beside it; else in the whole path. */
function pointAt(path: string, piece: string, suggestion: string | undefined): DiagnosisMistake | undefined {
  const segments = path.split('/').map(decoded);
  const ofTransformation = segments.slice(4, -1).filter((segment) => !/^(s--.*--|v\d+)$/.test(segment));
  for (const text of [ofTransformation.join('/'), segments.join('/')]) {
    const at = placeOf(text, piece);
    if (at !== -1) return { text, at, piece, ...(suggestion === undefined ? {} : { suggestion }) };
  }
  return undefined;
}

/** Where a piece stands between slashes or commas; -1 where it does not. */
function placeOf(text: string, piece: string): number {
  for (let at = text.indexOf(piece); at !== -1; at = text.indexOf(piece, at + 1)) {
    if (/^[/,]?$/.test(text.charAt(at - 1)) && /^[/,.]?$/.test(text.charAt(at + piece.length))) return at;
  }
  return -1;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
