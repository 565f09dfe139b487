'use client';
import {
  createElement,
  type ForwardRefExoticComponent,
  forwardRef,
  type RefAttributes,
  useImperativeHandle,
  useRef,
  useState,
} from 'react';
import type { PictureAttrs } from '../image/picture.ts';
import { imgAttrs } from '../img-attrs.ts';
import { isSafelightError } from '../safelight-error.ts';
import type { Picture, UploadedAsset } from '../uploaded-asset.ts';
import { type SafelightImageProps, type SourceProps, sortProps } from './image-options.ts';
import { type ImgProps, imgProps } from './img-props.ts';
import { isSamePicture, isTask } from './picture-source.ts';
import { useHealing } from './use-healing.ts';

/**
 * An `<img>` that shows an asset, or an upload from its first moment on, and repeats requests that fail (`heal()`). A
 * server renders an asset with its URLs. Picture and `alt` always belong together: when the source becomes another file
 * or asset, the old picture is removed at once. Otherwise it stays until the next one is loaded.
 * @throws {SafelightError} `invalid_asset_ref` when it is rendered with a source that is neither an asset nor an upload
 * @example
 * import { createClient } from '@safelight/client';
 * import { createElement } from 'react';
 * const client = createClient({ endpoint: 'https://pictures.example', cloudName: 'demo', uploadPreset: 'web' });
 * function Avatar({ name }: { name: string }) {
 *   const { task, start } = useUpload(client);
 *   // In JSX: <SafelightImage source={task} alt={name} width={96} height={96} />
 *   return createElement(SafelightImage, { source: task, alt: name, width: 96, height: 96 });
 * }
 */
export const SafelightImage: ForwardRefExoticComponent<SafelightImageProps & RefAttributes<HTMLImageElement>> =
  forwardRef<HTMLImageElement, SafelightImageProps>(function SafelightImage(props, ref) {
    const { source, transformation, onState, ...rest } = props;
    const [options, healOptions, others] = sortProps(rest);
    const { alt, ...counting } = options;
    const pictureOf = (asset: UploadedAsset): Picture => (transformation ? asset.transform(transformation) : asset);
    const attrs =
      source && !isTask(source) ? attrsUnlessRefused(() => imgProps(pictureOf(source), options)) : undefined;
    const { width, height } = attrs ?? options;
    const { key, first } = useElement(source, attrs);

    const img = useRef<HTMLImageElement>(null);
    // biome-ignore lint/correctness/useExhaustiveDependencies: another key means another element.
    useImperativeHandle(ref, () => img.current as HTMLImageElement, [key]);
    useHealing(img, source, {
      ...healOptions,
      key: JSON.stringify([key, counting, transformation, healOptions]),
      attrs: (asset) => withoutAlt(imgAttrs(pictureOf(asset), options)),
      onState,
    });
    // React sets attributes in this order. `loading` and `srcSet` would come too late for a request that `src` has begun.
    return createElement('img', { ...others, key, ref: img, width, height, alt, ...first });
  });

interface ShownElement {
  readonly source: SourceProps['source'];
  /** React replaces the element when the key changes, so nothing of the old picture stays. */
  readonly key: number;
  /** What React writes into the element. It never changes, because `heal()` shows all later pictures. */
  readonly first: Partial<Pick<ImgProps, 'sizes' | 'srcSet' | 'src'>>;
}

/** The element for a source. Another picture needs another element. */
function useElement(source: SourceProps['source'], attrs: ImgProps | undefined): ShownElement {
  const [last, setLast] = useState<ShownElement>(() => ({ source, key: 0, first: firstOf(attrs) }));
  if (last.source === source) return last;
  const next = isSamePicture(last.source, source)
    ? { ...last, source }
    : { source, key: last.key + 1, first: firstOf(attrs) };
  setLast(next);
  return next;
}

function firstOf(attrs: ImgProps | undefined): ShownElement['first'] {
  if (!attrs) return {};
  const { sizes, srcSet, src } = attrs;
  return { ...(sizes && { sizes }), srcSet, src };
}

/** `undefined` for an asset that cannot be shown, such as a PDF. Then `heal()` reports the error, and the page stays. */
function attrsUnlessRefused(attrs: () => ImgProps): ImgProps | undefined {
  try {
    return attrs();
  } catch (error) {
    if (isSafelightError(error) && error.code === 'invalid_transformation') return undefined;
    throw error;
  }
}

/** React alone sets `alt`. */
function withoutAlt({ alt: _, ...attrs }: PictureAttrs): PictureAttrs {
  return attrs;
}
