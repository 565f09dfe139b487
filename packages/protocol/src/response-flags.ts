import { attachmentName } from './flag-reading.ts';
import type { Flag, Transformation } from './transformation.ts';

/** What the flags of a transformation say about its response. */
export interface ResponseFlags {
  /**
   * The name of the file that browsers save, without extension; an empty text for the name of the asset; `undefined`
   * when they show the file.
   */
  readonly attachment: string | undefined;
  /** Whether a URL with a version never changes its meaning, as its author says with `fl_immutable_cache`. */
  readonly isImmutable: boolean;
  /** The steps without these flags: the transformation that makes the picture. */
  readonly transformation: Transformation;
}

/**
 * Takes the flags about the response out of a transformation, so that a download and a shown picture are the same
 * derivation.
 *
 * @param transformation - canonical
 * @example
 * withoutResponseFlags([{ width: 300, crop: 'scale', flags: ['attachment:cat'] }]);
 * // { attachment: 'cat', isImmutable: false, transformation: [{ width: 300, crop: 'scale' }] }
 */
export function withoutResponseFlags(transformation: Transformation): ResponseFlags {
  const last = transformation.at(-1);
  if (last?.flags === undefined) return { attachment: undefined, isImmutable: false, transformation };
  const { flags: given, ...step } = last;
  const flags: readonly Flag[] = [given].flat();
  const attachment = flags.find((flag) => flag.startsWith('attachment'));
  const others = flags.filter((flag) => flag !== attachment && flag !== 'immutable_cache');
  const rest = { ...step, ...(others.length > 0 && { flags: others }) };
  return {
    attachment: attachment === undefined ? undefined : (attachmentName(attachment) ?? ''),
    isImmutable: flags.includes('immutable_cache'),
    transformation: [...transformation.slice(0, -1), ...(Object.keys(rest).length > 0 ? [rest] : [])],
  };
}
