import type { Target } from '@safelight/core';
import type { Delivery } from '@safelight/protocol';
import { type IdentifyOptions, identifyDelivery } from './identify.ts';

/** Further extensions of URLs that show a derivative of a format. A URL with `.svg` shows a PNG. */
const otherExtensions: Readonly<Record<string, readonly string[]>> = {
  jpg: ['jpeg', 'jpe', 'jfif'],
  tiff: ['tif'],
  png: ['svg'],
};

/** One value of `Accept` for each format that `f_auto` can choose. */
const accepted = [undefined, 'image/webp', 'image/avif'] as const;

/**
 * The targets of all URLs that show one derivative: with its version and without one, with each extension of its format
 * and without one, and for all clients if its format is `f_auto`.
 *
 * @param delivery - its extension is the format of the derivative, and its version the one that it was made of
 */
export function targetsOfDerivative(
  delivery: Delivery,
  settings: Pick<IdentifyOptions, 'isCached' | 'epoch'>,
): readonly Target[] {
  const { extension: format = '', version, transformation } = delivery;
  const isWritten = transformation.some((step) => step.format !== undefined);
  const extensions = isWritten ? [undefined] : [undefined, format, ...(otherExtensions[format] ?? [])];
  const accepts = transformation.some((step) => step.format === 'auto') ? accepted : [undefined];
  return [undefined, version].flatMap((written) =>
    extensions.flatMap((extension) =>
      accepts.map((accept) => identifyDelivery({ ...delivery, version: written, extension }, accept, settings).target),
    ),
  );
}
