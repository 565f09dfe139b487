import { canonicalStep } from './canonical-step.ts';
import { piecesOf } from './component-pieces.ts';
import { nearName } from './near-name.ts';
import { keysNotOffered } from './not-offered.ts';
import type { Parameter } from './parameter.ts';
import { type ParameterKey, parameterKeys, parameters } from './parameters.ts';
import type { TransformationStep } from './transformation.ts';

/** Why a transformation is refused. */
export interface TransformationProblem {
  readonly ok: false;
  readonly code: 'bad_transformation' | 'not_offered';
  /** One line that names the piece. The words are Cloudinary's where Cloudinary has a message for this mistake. */
  readonly message: string;
  /** The parameter as it was written, percent-decoded, such as `w_abc`. */
  readonly piece: string;
  /** A similar parameter that is valid, such as `c_fill`. */
  readonly suggestion?: string;
}

/** A step with its placeholder (`d_`) and the names before it (`t_`), or the reason why the component is refused. */
export type ParsedComponent =
  | {
      readonly ok: true;
      readonly step: TransformationStep;
      readonly placeholder: string | undefined;
      readonly named: readonly string[];
    }
  | TransformationProblem;

/** Characters of a piece that a message quotes. Messages are sent in a header, so longer pieces are cut. */
const maxQuoted = 100;

/**
 * Reads one component: the text between two slashes of the path. Never throws.
 *
 * @param text - percent-encoded
 */
export function parseComponent(text: string): ParsedComponent {
  const pieces = piecesOf(text);
  if (pieces === undefined) return problem('bad_transformation', 'Malformed percent-encoding in transformation', text);
  const values = new Map<Parameter['property'], unknown>();
  for (const piece of pieces) {
    const read = parsePiece(piece);
    if (!read.ok) return read;
    const { property, noun } = read.parameter;
    const before = values.get(property);
    // Cloudinary applies the last of several effects in a component, and all flags. Two values for any other parameter
    // are a contradiction.
    const isList = property === 'effect' || property === 'flags';
    if (before !== undefined && !isList && String(before) !== String(read.value)) {
      return problem('bad_transformation', `Two different values for ${noun} in transformation`, piece);
    }
    values.set(property, property === 'flags' ? [before ?? [], read.value].flat() : read.value);
  }
  const { placeholder, named = [], zoom: _, ...step } = Object.fromEntries(values) as ParsedFields;
  const canonical = canonicalStep(step);
  if (!canonical.ok) {
    return { ok: false, code: 'bad_transformation', message: canonical.message, piece: pieces.join(',') };
  }
  return { ok: true, step: canonical.step, placeholder, named };
}

interface ParsedFields extends TransformationStep {
  readonly placeholder?: string;
  readonly named?: readonly string[];
  readonly zoom?: number;
}

/** Whether a path segment looks like a component: at least one of its parts begins with a key of the grammar. */
export function looksLikeComponent(encoded: string): boolean {
  return (piecesOf(encoded) ?? encoded.split(',')).some((piece) => {
    if (/^\$[A-Za-z]/.test(piece)) return true;
    const key = /^([a-z]{1,3})_/.exec(piece)?.[1];
    return key !== undefined && (isParameterKey(key) || keysNotOffered.has(key));
  });
}

export function isParameterKey(key: string): key is ParameterKey {
  return Object.hasOwn(parameters, key);
}

/** Reads the value of a parameter. A failure names the piece. */
export function readParameter(
  key: ParameterKey,
  value: string,
): { readonly ok: true; readonly parameter: Parameter; readonly value: unknown } | TransformationProblem {
  const parameter = parameters[key];
  const reading = parameter.read(value);
  if (reading.ok) return { ok: true, parameter, value: reading.value };
  const piece = `${key}_${value}`;
  if (reading.code === 'not_offered') {
    return problem('not_offered', `This ${parameter.noun} is not offered in transformation`, piece);
  }
  const suggestion = reading.suggestion === undefined ? undefined : `${key}_${reading.suggestion}`;
  return problem('bad_transformation', `Invalid ${parameter.noun} in transformation`, piece, {
    suggestion,
    quoted: value,
  });
}

function parsePiece(piece: string): ReturnType<typeof readParameter> {
  const [, key = '', value = ''] = /^([^_]*)_(.*)$/s.exec(piece) ?? [];
  if (isParameterKey(key)) return readParameter(key, value);
  const cloudinaryName = piece.startsWith('$') ? 'variable' : keysNotOffered.get(key);
  if (cloudinaryName !== undefined) {
    const name = piece.startsWith('$') ? '$' : `${key}_`;
    return problem('not_offered', `Parameter ${name} (${cloudinaryName}) is not offered in transformation`, piece);
  }
  const suggestion = nearParameter(key, value);
  return problem('bad_transformation', 'Unknown parameter in transformation', piece, { suggestion });
}

/** Suggests `w_300` for `W_300`, `width_300` and `widht_300`. */
function nearParameter(key: string, value: string): string | undefined {
  const lower = key.toLowerCase();
  if (isParameterKey(lower)) return `${lower}_${value}`;
  const longNames = parameterKeys.map((known) => parameters[known].property);
  const longName = nearName(lower, longNames);
  const nearKey = parameterKeys.find((known) => parameters[known].property === longName);
  return nearKey === undefined ? undefined : `${nearKey}_${value}`;
}

export function problem(
  code: TransformationProblem['code'],
  what: string,
  piece: string,
  { suggestion, quoted = piece }: { readonly suggestion?: string | undefined; readonly quoted?: string } = {},
): TransformationProblem {
  const hint = suggestion === undefined ? '' : ` (did you mean ${cut(suggestion)}?)`;
  const message = `${what}: ${cut(quoted)}${hint}`;
  return { ok: false, code, message, piece, ...(suggestion !== undefined && { suggestion }) };
}

function cut(text: string): string {
  return text.length > maxQuoted ? `${text.slice(0, maxQuoted)}...` : text;
}
