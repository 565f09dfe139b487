import type { Reading } from './parameter-reading.ts';
import type { TransformationStep } from './transformation.ts';

/** One parameter of the transformation grammar. */
export interface Parameter {
  /**
   * The field of a step that holds its value. `placeholder` belongs to the delivery; `named` stands for steps; `zoom`
   * has no effect.
   */
  readonly property: keyof TransformationStep | 'placeholder' | 'named' | 'zoom';
  /** Its name in error messages. */
  readonly noun: string;
  /** The text between the values of a list. */
  readonly separator?: '.' | ':';
  /** Returns the canonical value, or the reason why the text is refused. Never throws. */
  readonly read: (text: string) => Reading<unknown>;
  /** For the documentation: the accepted values. */
  readonly values: string;
  /** For the documentation: the effect. */
  readonly meaning: string;
  /** For the documentation: one component that uses it. */
  readonly example: string;
}
