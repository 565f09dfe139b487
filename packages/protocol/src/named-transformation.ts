import type { TransformationStep } from './transformation.ts';

/** A transformation with a name, which `t_` in a URL stands for. */
export interface NamedTransformation {
  /** The text that the user gave, such as `c_fill,h_100,w_100`. */
  readonly text: string;
  /** Its steps, with those of the names in it. */
  readonly steps: readonly TransformationStep[];
  /** The image of a `d_` in it. */
  readonly placeholder: string | undefined;
}

/** Named transformations by name. */
export type NamedTransformations = ReadonlyMap<string, NamedTransformation>;
