import { decoded } from './decoded.ts';
import { flagsNotOffered } from './not-offered.ts';
import { badNear, good, type Reading, unoffered } from './parameter-reading.ts';
import type { Flag, TransformationStep } from './transformation.ts';

const names = [
  'attachment',
  'force_strip',
  'immutable_cache',
  'no_overflow',
  'preserve_transparency',
  'progressive',
  'progressive:none',
  'progressive:semi',
  'progressive:steep',
] as const satisfies readonly Flag[];

/** The largest number of characters of a file name. */
const maxNameLength = 200;

/** Reads flags that are joined by `.`, in alphabetical order and without repetitions. */
export function readFlags(text: string): Reading<readonly Flag[]> {
  const flags = new Set<Flag>();
  for (const part of text.split('.')) {
    const flag = readFlag(part);
    if (flag === undefined) return flagsNotOffered.test(part) ? unoffered : badNear(part, names);
    flags.add(flag);
  }
  return good([...flags].sort());
}

function readFlag(text: string): Flag | undefined {
  if (!text.startsWith('attachment:')) return names.find((name) => name === text);
  const name = attachmentName(text as Flag);
  if (name === undefined) return undefined;
  return `attachment:${encodeURIComponent(name)
    .replaceAll('%20', ' ')
    .replace(/[.~*'()]/g, encodedCharacter)}`;
}

/** The file name of a flag `attachment:…`; `undefined` when it has none, or one that is not valid. */
export function attachmentName(flag: Flag): string | undefined {
  const name = decoded(flag.slice('attachment:'.length));
  const isValid = name !== undefined && name.trim() !== '' && name.length <= maxNameLength;
  return isValid && !/[\p{Cc}\p{Cs}\u2028\u2029/\\]/u.test(name) ? name : undefined;
}

function encodedCharacter(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/**
 * The flags of all steps, without those that have no effect: the last `attachment` and the last `progressive` are used,
 * and a file that is written again has no metadata, so `force_strip` is for a picture that nothing else changes.
 *
 * @param isChanged - whether the steps have other parameters
 */
export function effectiveFlags(steps: readonly TransformationStep[], isChanged: boolean): readonly Flag[] {
  const all = steps.flatMap(({ flags = [] }) => flags);
  const attachment = all.findLast((flag) => flag.startsWith('attachment'));
  const progressive = all.findLast((flag) => flag.startsWith('progressive'));
  const isProgressive = progressive !== undefined && progressive !== 'progressive:none';
  const isStripped = all.includes('force_strip') && !isChanged && !isProgressive;
  return [
    ...(attachment === undefined ? [] : [attachment]),
    ...(isStripped ? (['force_strip'] as const) : []),
    ...(all.includes('immutable_cache') ? (['immutable_cache'] as const) : []),
    ...(isProgressive ? (['progressive'] as const) : []),
  ];
}
