import { canonicalStep } from './canonical-step.ts';
import { parseComponent, readParameter, type TransformationProblem } from './component-text.ts';
import { InvalidTransformationError } from './invalid-transformation-error.ts';
import { nearName } from './near-name.ts';
import { type ParameterKey, parameterKeys, parameters } from './parameters.ts';
import type { Transformation, TransformationStep } from './transformation.ts';

/** More components than this are refused: each may cost a pass over the picture. */
export const maxComponents = 32;

export type ParsedTransformation =
  | {
      readonly ok: true;
      readonly transformation: Transformation;
      /** What a `d_` parameter names: public ID with extension. */
      readonly placeholder: string | undefined;
    }
  | TransformationProblem;

/**
 * Reads the transformation part of a delivery URL: components joined by `/`, still percent-encoded (each parameter is
 * decoded once, after splitting at `/` and `,`). The steps are canonical: two spellings of one picture give equal steps.
 * Never throws.
 */
export function parseTransformation(text: string): ParsedTransformation {
  const components = text.split('/').filter((component) => component !== '');
  if (components.length > maxComponents) {
    const message = `Too many components in transformation: ${components.length}, at most ${maxComponents}`;
    return { ok: false, code: 'bad_transformation', message, piece: components[maxComponents] ?? '' };
  }
  const steps: TransformationStep[] = [];
  let placeholder: string | undefined;
  for (const component of components) {
    const parsed = parseComponent(component);
    if (!parsed.ok) return parsed;
    if (parsed.placeholder !== undefined) {
      if (placeholder !== undefined && placeholder !== parsed.placeholder) {
        const message = 'Two different values for default image in transformation';
        return { ok: false, code: 'bad_transformation', message, piece: `d_${parsed.placeholder}` };
      }
      placeholder = parsed.placeholder;
    }
    if (Object.keys(parsed.step).length > 0) steps.push(parsed.step);
  }
  return { ok: true, transformation: steps, placeholder };
}

/**
 * Canonical text: parameters in alphabetical order, components joined by `/`, nothing that has no effect. Empty when
 * nothing is asked.
 * @throws {InvalidTransformationError} as `canonicalTransformation`
 */
export function formatTransformation(transformation: Transformation): string {
  return canonicalTransformation(transformation).map(formatStep).join('/');
}

/**
 * Checks and normalises steps that were written by hand: `{ quality: 'auto:good' }` becomes `{ quality: 'auto' }`, a
 * width without a crop gets `crop: 'scale'`, steps without effect vanish. Fields that are `undefined` count as absent.
 * @throws {InvalidTransformationError} naming the piece, when a value is not valid, not offered, or contradicts another
 */
export function canonicalTransformation(transformation: Transformation): Transformation {
  if (!Array.isArray(transformation)) {
    throw new InvalidTransformationError(
      'bad_transformation',
      'A transformation is a list of steps.',
      String(transformation),
    );
  }
  if (transformation.length > maxComponents) {
    const message = `Too many steps in transformation: ${transformation.length}, at most ${maxComponents}`;
    throw new InvalidTransformationError('bad_transformation', message, '');
  }
  return transformation.map(checkStep).filter((step) => Object.keys(step).length > 0);
}

const stepKeys = parameterKeys.filter((key) => parameters[key].property !== 'placeholder');

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
      'A step of a transformation is an object.',
      String(step),
    );
  }
  const read: Record<string, unknown> = {};
  for (const [property, value] of Object.entries(step)) {
    if (value === undefined) continue;
    const key = stepKeys.find((known) => parameters[known].property === property);
    if (key === undefined) throw unknownProperty(property);
    const reading = checkParameterValue(key, value);
    read[property] = reading;
  }
  const canonical = canonicalStep(read as TransformationStep);
  if (!canonical.ok) throw new InvalidTransformationError('bad_transformation', canonical.message, formatStep(step));
  return canonical.step;
}

function checkParameterValue(key: ParameterKey, value: unknown): unknown {
  // 412.5 comes from a computed width far more often than from a wish for 412.5 times the input.
  if (typeof value === 'number' && !Number.isInteger(value)) {
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
