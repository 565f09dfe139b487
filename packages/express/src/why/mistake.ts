import { anyName, type DiagnosisFix, type DiagnosisMistake, decoded, parseDeliveryPath } from '@safelight/protocol';

/** A wrong piece of a path, and what to write instead. */
export interface Mistake {
  /** What is wrong, in one line; `undefined` when the path can be read. */
  readonly message: string | undefined;
  readonly shown: DiagnosisMistake | undefined;
  readonly fixes: readonly DiagnosisFix[];
}

/** Finds the piece that makes a delivery path invalid. @param mount - the part of the URL before the path */
export function findMistake(path: string, mount: string): Mistake {
  const parsed = parseDeliveryPath(path, { named: anyName });
  if (parsed.ok) return { message: undefined, shown: undefined, fixes: [] };
  const { message, piece, suggestion, hint } = parsed;
  const [pathOnly = ''] = path.split(/[?#]/, 1);
  const shown = piece === undefined ? undefined : excerptOf(pathOnly, piece, suggestion);
  const corrected = piece === undefined || suggestion === undefined ? undefined : replaced(pathOnly, piece, suggestion);
  // A misspelt parameter is probably not a folder, so the hint about folders is left out.
  if (corrected !== undefined) {
    return { message, shown, fixes: [{ label: `Write ${suggestion} for ${piece}`, url: mount + corrected }] };
  }
  return { message, shown, fixes: hint === undefined ? [] : [{ label: hint }] };
}

/** Returns `undefined` when only the decoded path contains the piece: then its encoded form is not known. */
function replaced(path: string, piece: string, suggestion: string): string | undefined {
  const at = placeInText(path, piece);
  return at === -1 ? undefined : path.slice(0, at) + encodeURI(suggestion) + path.slice(at + piece.length);
}

/** The text around the piece: the transformation if it contains the piece, which is shorter; otherwise the path. */
function excerptOf(path: string, piece: string, suggestion: string | undefined): DiagnosisMistake | undefined {
  const segments = path.split('/').map((segment) => decoded(segment) ?? segment);
  const ofTransformation = segments.slice(4, -1).filter((segment) => !/^(s--.*--|v\d+)$/.test(segment));
  for (const text of [ofTransformation.join('/'), segments.join('/')]) {
    const at = placeInText(text, piece);
    if (at !== -1) return { text, at, piece, ...(suggestion === undefined ? {} : { suggestion }) };
  }
  return undefined;
}

/** The index of a piece between slashes or commas; -1 when there is none. */
function placeInText(text: string, piece: string): number {
  for (let at = text.indexOf(piece); at !== -1; at = text.indexOf(piece, at + 1)) {
    if (/^[/,]?$/.test(text.charAt(at - 1)) && /^[/,.]?$/.test(text.charAt(at + piece.length))) return at;
  }
  return -1;
}
