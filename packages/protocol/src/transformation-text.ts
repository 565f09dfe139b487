import { canonicalStep } from './canonical-step.ts';
import { readParameter, type TransformationProblem } from './component-text.ts';
import { InvalidTransformationError } from './invalid-transformation-error.ts';
import { joinSteps } from './join-steps.ts';
import type { NamedTransformations } from './named-transformation.ts';
import { nearName } from './near-name.ts';
import { type ParameterKey, parameterKeys, parameters } from './parameters.ts';
import { maxComponents, readSteps } from './read-steps.ts';
import type { Transformation, TransformationStep } from './transformation.ts';

/** The steps and the placeholder of a text, or the reason why the text is refused. */
export type ParsedTransformation =
  | {
      readonly ok: true;
      readonly transformation: Transformation;
      /** The image of a `d_` parameter: public ID with extension. */
      readonly placeholder: string | undefined;
      /** `true` when a part of the steps comes from a named transformation. */
      readonly isNamed?: true;
    }
  | TransformationProblem;

/** Options of `parseTransformation`. */
export interface TransformationOptions {
  /**
   * The transformations that `t_` can name, from `readNamedTransformations()`, or a function that finds one.
   * @default none
   */
  readonly named?: Pick<NamedTransformations, 'get'> | undefined;
}

/**
 * Reads the transformation part of a delivery URL: components joined by `/`. The steps are canonical: texts that differ
 * in spelling only give equal steps. Never throws.
 *
 * @param text - percent-encoded; each component is decoded once, after the text was split at `/`
 * @example
 * const parsed = parseTransformation('h_200,w_300,c_fill/q_80');
 * if (parsed.ok) parsed.transformation; // [{ width: 300, height: 200, crop: 'fill' }, { quality: 80 }]
 * else parsed.suggestion; // such as 'c_fill'
 */
export function parseTransformation(text: string, { named }: TransformationOptions = {}): ParsedTransformation {
  const parsed = readSteps(text, (name) => named?.get(name));
  if (!parsed.ok) return parsed;
  const { steps, placeholder, isNamed } = parsed;
  const joined = joinSteps(steps);
  if (!joined.ok) {
    const [piece = ''] = /dpr_.*/.exec(joined.message) ?? [];
    return { ok: false, code: 'bad_transformation', message: joined.message, piece };
  }
  return { ok: true, transformation: joined.steps, placeholder, ...(isNamed && { isNamed }) };
}

/**
 * Writes canonical text: parameters in alphabetical order, components joined by `/`, without parameters that have no
 * effect. Not percent-encoded.
 *
 * @returns an empty text when the transformation does nothing
 * @throws {InvalidTransformationError} when a value is not valid, not offered, or contradicts another value
 * @example
 * formatTransformation([{ width: 300, quality: 'auto:good' }, { angle: 360 }]); // 'c_scale,q_auto,w_300'
 */
export function formatTransformation(transformation: Transformation): string {
  return canonicalTransformation(transformation).map(formatStep).join('/');
}

/**
 * Checks steps and makes them canonical: `{ quality: 'auto:good' }` becomes `{ quality: 'auto' }`, a width without a
 * crop gets `crop: 'scale'`, and steps without effect are removed. Fields that are `undefined` count as absent.
 *
 * @throws {InvalidTransformationError} when a value is not valid, not offered, or contradicts another value; its
 *   `piece` is the wrong parameter
 * @example
 * canonicalTransformation([{ width: 300 }, { angle: 0 }]); // [{ width: 300, crop: 'scale' }]
 */
export function canonicalTransformation(transformation: Transformation): Transformation {
  if (!Array.isArray(transformation)) {
    throw new InvalidTransformationError(
      'bad_transformation',
      'A transformation must be an array of steps.',
      String(transformation),
    );
  }
  if (transformation.length > maxComponents) {
    const message = `Too many steps in transformation: ${transformation.length}, at most ${maxComponents}`;
    throw new InvalidTransformationError('bad_transformation', message, '');
  }
  const joined = joinSteps(transformation.map(checkStep));
  if (joined.ok) return joined.steps;
  throw new InvalidTransformationError(
    'bad_transformation',
    joined.message,
    formatStep(transformation[joined.at] ?? {}),
  );
}

const otherProperties: readonly string[] = ['placeholder', 'named', 'zoom'];
const stepKeys = parameterKeys.filter((key) => !otherProperties.includes(parameters[key].property));

function formatStep(step: TransformationStep): string {
  const values: Readonly<Record<string, unknown>> = { ...step };
  const texts = stepKeys.map((key) => {
    const value = values[parameters[key].property];
    return value === undefined ? undefined : `${key}_${writeValue(key, value)}`;
  });
  return texts.filter((text) => text !== undefined).join(',');
}

function writeValue(key: ParameterKey, value: unknown): string {
  return Array.isArray(value) ? value.join(parameters[key].separator ?? ',') : String(value);
}

function checkStep(step: TransformationStep): TransformationStep {
  if (typeof step !== 'object' || step === null) {
    throw new InvalidTransformationError(
      'bad_transformation',
      'A step of a transformation must be an object.',
      String(step),
    );
  }
  const values: Record<string, unknown> = {};
  for (const [property, value] of Object.entries(step)) {
    if (value === undefined) continue;
    const key = stepKeys.find((known) => parameters[known].property === property);
    if (key === undefined) throw unknownProperty(property);
    values[property] = checkParameterValue(key, value);
  }
  const canonical = canonicalStep(values as TransformationStep);
  if (!canonical.ok) throw new InvalidTransformationError('bad_transformation', canonical.message, formatStep(step));
  return canonical.step;
}

function checkParameterValue(key: ParameterKey, value: unknown): unknown {
  // As a number, 412.5 is usually a computed width, and seldom means 412.5 times the input.
  if (typeof value === 'number' && !Number.isInteger(value) && key !== 'ar' && key !== 'dpr') {
    const { noun } = parameters[key];
    const message = `Invalid ${noun} in transformation: ${value}. Round it to whole pixels, or write a multiple of the input as the string '${value}'.`;
    throw new InvalidTransformationError('bad_transformation', message, `${key}_${value}`);
  }
  const reading = readParameter(key, writeValue(key, value));
  if (!reading.ok) {
    throw new InvalidTransformationError(reading.code, reading.message, reading.piece, reading.suggestion);
  }
  return reading.value;
}

function unknownProperty(property: string): InvalidTransformationError {
  const names = stepKeys.map((key) => parameters[key].property);
  const byKey = names.find((_, index) => stepKeys[index] === property);
  const suggestion = byKey ?? nearName(property, names);
  const hint = suggestion === undefined ? '' : ` (did you mean ${suggestion}?)`;
  const message = `Unknown parameter in transformation: ${property}${hint}`;
  return new InvalidTransformationError('bad_transformation', message, property, suggestion);
}
