import type { ImgHTMLAttributes } from 'react';
import type { HealDetail, HealOptions, HealState } from '../image/heal-options.ts';
import type { AttrsOptions } from '../img-attrs.ts';
import type { TransformationInput } from '../transformation-input.ts';
import type { PictureSource } from './picture-source.ts';

export interface SourceProps {
  /** An asset, or an upload, of which the file is shown first. While it is `undefined`, the element is empty. */
  readonly source: PictureSource | undefined;
  /** Steps before the picture is brought to its size, for example to cut out a region. */
  readonly transformation?: TransformationInput | undefined;
  /**
   * Called at each change of state. `retry` starts again, after `gave-up` for example. An error is reported only to this
   * function.
   */
  readonly onState?: ((state: HealState, detail: HealDetail, retry: () => void) => void) | undefined;
}

type HealProps = Pick<HealOptions, 'placeholder' | 'maxWaitMs'>;

type OtherAttributes = Omit<
  ImgHTMLAttributes<HTMLImageElement>,
  'alt' | 'children' | 'height' | 'placeholder' | 'sizes' | 'src' | 'srcSet' | 'width'
>;

/** The options of `imgAttrs()`, two of `heal()`, and the other attributes of an `<img>`. */
export type SafelightImageProps = SourceProps & AttrsOptions & HealProps & OtherAttributes;

const attrsNames = /^(alt|layout|width|height|sizes|widths|crop|gravity|quality|format|effect|radius|background)$/;
const healNames = /^(placeholder|maxWaitMs)$/;

/**
 * Sorts props by the function that uses them.
 * @returns the options of `imgAttrs()`, those of `heal()`, and the attributes. Props that are `undefined` are left out,
 *   because they would override defaults.
 */
export function sortProps(
  props: Omit<SafelightImageProps, keyof SourceProps>,
): readonly [AttrsOptions, HealProps, OtherAttributes] {
  const given = Object.entries(props).filter(([, value]) => value !== undefined);
  const isOther = ([name]: readonly [string, unknown]): boolean => !attrsNames.test(name) && !healNames.test(name);
  return [
    Object.fromEntries(given.filter(([name]) => attrsNames.test(name))) as unknown as AttrsOptions,
    Object.fromEntries(given.filter(([name]) => healNames.test(name))),
    Object.fromEntries(given.filter(isOther)),
  ];
}
