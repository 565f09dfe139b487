import { invalidOriginal } from '@safelight/core';
import { invalidImageFile } from './sharp-error.ts';

/** How many bytes of a file say which format it has. */
export const headBytes = 32;

/** A format that people upload as a picture, and that this handler cannot read. */
interface RefusedFormat {
  readonly name: string;
  readonly matches: (head: Buffer) => boolean;
}

const startsWith =
  (...bytes: readonly number[]) =>
  (head: Buffer): boolean =>
    bytes.every((byte, index) => head[index] === byte);

/** Brands of ISO base media files (ISO/IEC 23008-12) with HEVC; phones write them. */
const heicBrands: ReadonlySet<string> = new Set(['heic', 'heix', 'hevc', 'hevx', 'heim', 'heis']);

const refusedFormats: readonly RefusedFormat[] = [
  {
    name: 'HEIC',
    matches: (head) => head.toString('latin1', 4, 8) === 'ftyp' && heicBrands.has(head.toString('latin1', 8, 12)),
  },
  { name: 'BMP', matches: startsWith(0x42, 0x4d) },
  { name: 'ICO', matches: startsWith(0, 0, 1, 0) },
  { name: 'JPEG XL', matches: (head) => jxlCodestream(head) || jxlContainer(head) },
  { name: 'PDF', matches: startsWith(0x25, 0x50, 0x44, 0x46) },
];
const jxlCodestream = startsWith(0xff, 0x0a);
const jxlContainer = startsWith(0, 0, 0, 0x0c, 0x4a, 0x58, 0x4c, 0x20);

/**
 * Refuses a format by its name, so that its sender knows what to do.
 *
 * @param head - the first `headBytes` of the file, or more
 * @throws {TransformError} `invalid_original`
 */
export function refuseKnownFormat(head: Buffer): void {
  const refused = refusedFormats.find(({ matches }) => matches(head));
  if (refused === undefined) return;
  throw invalidOriginal(
    `${invalidImageFile}. ${refused.name} cannot be read here. Convert it to JPEG, PNG, WebP or AVIF, or upload it with resource_type raw.`,
  );
}
