import { canonicalStep } from './canonical-step.ts';
import { decoded } from './decoded.ts';
import { nearName } from './near-name.ts';
import { keysNotOffered } from './not-offered.ts';
import { type Parameter, type ParameterKey, parameterKeys, parameters } from './parameters.ts';
import type { TransformationStep } from './transformation.ts';

/** Why a transformation is refused. */
export interface TransformationProblem {
  readonly ok: false;
  readonly code: 'bad_transformation' | 'not_offered';
  /** One line that names the piece, in Cloudinary's words where it has some. */
  readonly message: string;
  /** The parameter as it was written (decoded), such as `w_abc`. */
  readonly piece: string;
  /** The parameter that was probably meant, such as `c_fill`. */
  readonly suggestion?: string;
}

export type ParsedComponent =
  | { readonly ok: true; readonly step: TransformationStep; readonly placeholder: string | undefined }
  | TransformationProblem;

/** Longer pieces are cut in messages, which travel in a header. */
const maxQuoted = 100;

/** Reads one component: what stands between two slashes, still percent-encoded. Never throws. */
export function parseComponent(text: string): ParsedComponent {
  const values = new Map<Parameter['property'], unknown>();
  for (const encoded of text.split(',')) {
    if (encoded === '') continue;
    const piece = decoded(encoded);
    if (piece === undefined)
      return problem('bad_transformation', 'Malformed percent-encoding in transformation', encoded);
    const read = parsePiece(piece);
    if (!read.ok) return read;
    const { property } = read.parameter;
    const before = values.get(property);
    // Of several effects in one component the last one counts (Cloudinary's rule); anything else twice is a contradiction.
    if (before !== undefined && property !== 'effect' && String(before) !== String(read.value)) {
      return problem('bad_transformation', `Two different values for ${read.parameter.noun} in transformation`, piece);
    }
    values.set(property, read.value);
  }
  const { placeholder, ...step } = Object.fromEntries(values) as TransformationStep & { readonly placeholder?: string };
  const canonical = canonicalStep(step);
  if (!canonical.ok) {
    const piece = decoded(text) ?? text;
    return { ok: false, code: 'bad_transformation', message: canonical.message, piece };
  }
  return { ok: true, step: canonical.step, placeholder };
}

/** Whether a path segment is written like a component: one of its parameters has a key that the grammar knows. */
export function looksLikeComponent(encoded: string): boolean {
  return encoded.split(',').some((part) => {
    const piece = decoded(part) ?? part;
    if (/^\$[A-Za-z]/.test(piece)) return true;
    const key = /^([a-z]{1,3})_/.exec(piece)?.[1];
    return key !== undefined && (isParameterKey(key) || keysNotOffered.has(key));
  });
}

export function isParameterKey(key: string): key is ParameterKey {
  return Object.hasOwn(parameters, key);
}

/** Reads one value of one parameter; the failure names the piece. */
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
  const elsewhere = piece.startsWith('$') ? 'variable' : keysNotOffered.get(key);
  if (elsewhere !== undefined) {
    const name = piece.startsWith('$') ? '$' : `${key}_`;
    return problem('not_offered', `Parameter ${name} (${elsewhere}) is not offered in transformation`, piece);
  }
  const suggestion = nearParameter(key, value);
  return problem('bad_transformation', 'Unknown parameter in transformation', piece, { suggestion });
}

/** `width_300` and `widht_300` probably mean `w_300`; `W_300` too. */
function nearParameter(key: string, value: string): string | undefined {
  const lower = key.toLowerCase();
  if (isParameterKey(lower)) return `${lower}_${value}`;
  const longNames = parameterKeys.map((known) => parameters[known].property);
  const near = nearName(lower, longNames);
  const meant = parameterKeys.find((known) => parameters[known].property === near);
  return meant === undefined ? undefined : `${meant}_${value}`;
}

function problem(
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
