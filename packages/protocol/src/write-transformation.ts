import { expectLike } from './check-parts.ts';
import type { Transformation, TransformationStep } from './transformation.ts';

// A slash, a comma or a question mark would end a value where nobody meant it to.
const valuePattern = /^(number -?\d+|string [\w.:-]+)$/;

/**
 * The text of steps for a URL: each step's parameters in alphabetical order, steps joined by `/`; empty when nothing is
 * asked. Reads as the same transformation as the text of `formatTransformation`, but is not canonical. Small, for pages:
 * it refuses only what would become another URL than was meant, and leaves the rest to the server that reads it.
 * @throws {TypeError} naming an unknown property, or a value that is neither a whole number nor written like a name
 */
export function writeTransformation(transformation: Transformation): string {
  return transformation
    .map((step) => {
      expectLike('typeof transformation', typeof step, /object/);
      return writeStep(step);
    })
    .filter((text) => text)
    .join('/');
}

/** One component; empty when nothing is asked. */
export function writeStep(step: TransformationStep): string {
  return (
    Object.entries(step)
      .filter(([, value]) => value !== undefined)
      .map(writeParameter)
      // Keys are single letters, so this is their order.
      .sort()
      .join()
  );
}

function writeParameter([property, value]: readonly [string, unknown]): string {
  // Not by the table `parameters`, which would bring every reader and message with it.
  expectLike(
    'property',
    property,
    /^string (angle|background|crop|effect|format|gravity|height|quality|radius|width|x|y)$/,
  );
  return `${property[0]}_${[value]
    .flat()
    .map((item) => expectLike(property, item, valuePattern, "a whole number (round it), a name or '0.5'"))
    // Lists are angles, which are joined by a dot, and corners.
    .join(property === 'angle' ? '.' : ':')}`;
}
