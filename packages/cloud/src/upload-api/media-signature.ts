/** How many bytes at the beginning of a file are read to find out what it is. */
export const signatureBytes = 4096;

/**
 * The canonical extension of a video or audio file, by the bytes at its beginning; `undefined` for all other files. It is
 * strict, since text may begin like a media file: "The free…" has the name of a QuickTime box at byte 4.
 *
 * @param head - the first {@link signatureBytes} bytes, or the whole file
 */
export function mediaFormatOf(head: Buffer): string | undefined {
  for (const detect of detectors) {
    const format = detect(head);
    if (format !== undefined) return format;
  }
  return undefined;
}

/** Whether the bytes are those of a PDF (ISO 32000-2, section 7.5.2). */
export function isPdf(head: Buffer): boolean {
  return textAt(head, 0, 5) === '%PDF-';
}

const detectors: readonly ((head: Buffer) => string | undefined)[] = [
  isoMedia,
  matroska,
  riff,
  transportStream,
  ogg,
  windowsMedia,
  startsOfStreams,
  mpegAudio,
];

/** Brands of ISO base media files that are pictures. The handler's `probe` reads them. */
const pictureBrands = /^(?:avi[fs]|hei[cxms]|hev[cxms]|mi[fa][123f]|msf1|jp[2xm] |jxl |crx )$/;

/** ISO/IEC 14496-12, and QuickTime files without a brand. The size of the first box is below 16 MB, so byte 0 is 0. */
function isoMedia(head: Buffer): string | undefined {
  if (head[0] !== 0) return undefined;
  const box = textAt(head, 4, 8);
  if (/^(?:moov|mdat|wide|free|skip|pnot)$/.test(box)) return 'mov';
  const brand = textAt(head, 8, 12);
  if (box !== 'ftyp' || pictureBrands.test(brand)) return undefined;
  if (brand === 'qt  ') return 'mov';
  if (/^M4[AB] $/.test(brand)) return 'm4a';
  if (/^M4V/.test(brand)) return 'm4v';
  return /^3g2/.test(brand) ? '3g2' : /^3g/.test(brand) ? '3gp' : 'mp4';
}

/** RFC 8794 and RFC 9559: the EBML header has the DocType, element 0x4282. */
function matroska(head: Buffer): string | undefined {
  if (!startsWith(head, [0x1a, 0x45, 0xdf, 0xa3])) return undefined;
  const header = head.toString('latin1', 0, 128);
  if (header.includes('\x42\x82\x84webm')) return 'webm';
  return header.includes('\x42\x82\x88matroska') ? 'mkv' : undefined;
}

function riff(head: Buffer): string | undefined {
  const [container, form] = [textAt(head, 0, 4), textAt(head, 8, 12)];
  if (container === 'RIFF') return form === 'AVI ' ? 'avi' : form === 'WAVE' ? 'wav' : undefined;
  return container === 'FORM' && /^AIF[FC]$/.test(form) ? 'aiff' : undefined;
}

/** ISO/IEC 13818-1: packets of 188 bytes, or of 192 with a time in front. */
function transportStream(head: Buffer): string | undefined {
  for (const [start, length] of [
    [0, 188],
    [4, 192],
  ] as const) {
    const packets = [0, 1, 2].map((index) => start + index * length);
    // Bits for the adaptation field and the payload: 0 is reserved, and the error bit is not set.
    const isPacket = (at: number) =>
      head[at] === 0x47 && ((head[at + 1] ?? 0x80) & 0x80) === 0 && ((head[at + 3] ?? 0) & 0x30) !== 0;
    if (packets.every(isPacket)) return start === 0 ? 'ts' : 'm2ts';
  }
  return undefined;
}

/** RFC 3533. The first page has the first packet of the codec. */
function ogg(head: Buffer): string | undefined {
  if (textAt(head, 0, 5) !== 'OggS\0') return undefined;
  const codec = textAt(head, 28, 36);
  if (codec.startsWith('\x80theora') || codec.startsWith('fishead')) return 'ogv';
  return codec === 'OpusHead' ? 'opus' : 'ogg';
}

const asfHeader = [0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11, 0xa6, 0xd9, 0x00, 0xaa, 0x00, 0x62, 0xce, 0x6c];
const asfVideo = Buffer.from('c0ef19bc4d5bcf11a8fd00805f5c442b', 'hex');
const asfAudio = Buffer.from('409e69f84d5bcf11a8fd00805f5c442b', 'hex');

function windowsMedia(head: Buffer): string | undefined {
  if (!startsWith(head, asfHeader)) return undefined;
  return head.includes(asfAudio) && !head.includes(asfVideo) ? 'wma' : 'wmv';
}

function startsOfStreams(head: Buffer): string | undefined {
  if (startsWith(head, [0, 0, 1]) && (head[3] === 0xba || head[3] === 0xb3)) return 'mpg';
  if (startsWith(head, [0x46, 0x4c, 0x56, 0x01])) return 'flv';
  if (startsWith(head, [0x06, 0x0e, 0x2b, 0x34, 0x02, 0x05, 0x01, 0x01])) return 'mxf';
  // The first block is STREAMINFO, which has 34 bytes (RFC 9639).
  if (textAt(head, 0, 4) === 'fLaC' && startsWith(head.subarray(5), [0, 0, 34])) return 'flac';
  return /^#!AMR(?:-WB)?\n/.test(textAt(head, 0, 9)) ? 'amr' : undefined;
}

/** MP3 and AAC: an ID3 tag, or two frames one after the other. */
function mpegAudio(head: Buffer): string | undefined {
  // The version is below 16, and the size has seven bits in each byte.
  const version = head[3] ?? 255;
  if (textAt(head, 0, 3) === 'ID3' && version < 16 && head.subarray(6, 10).every((byte) => byte < 128)) return 'mp3';
  const length = mp3FrameLength(head, 0);
  if (length !== undefined) return mp3FrameLength(head, length) === undefined ? undefined : 'mp3';
  const adtsLength = adtsFrameLength(head, 0);
  return adtsLength !== undefined && adtsFrameLength(head, adtsLength) !== undefined ? 'aac' : undefined;
}

const bitRates = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const lowBitRates = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const sampleRates = [44_100, 48_000, 32_000];

/** The length of a frame of MPEG audio, layer III (ISO/IEC 11172-3 and 13818-3). */
function mp3FrameLength(head: Buffer, at: number): number | undefined {
  const [sync = 0, second = 0, third = 0] = head.subarray(at, at + 3);
  if (sync !== 0xff || (second & 0xe6) !== 0xe2) return undefined;
  const version = (second >> 3) & 3;
  const bitRate = (version === 3 ? bitRates : lowBitRates)[third >> 4];
  const sampleRate = sampleRates[(third >> 2) & 3];
  if (version === 1 || !bitRate || sampleRate === undefined) return undefined;
  const divisor = version === 3 ? 1 : version === 2 ? 2 : 4;
  const samples = version === 3 ? 144_000 : 72_000;
  return Math.floor((samples * bitRate * divisor) / sampleRate) + ((third >> 1) & 1);
}

/** The length of a frame of AAC in ADTS (ISO/IEC 13818-7). */
function adtsFrameLength(head: Buffer, at: number): number | undefined {
  const [sync = 0, second = 0, third = 0, fourth = 0, fifth = 0, sixth = 0] = head.subarray(at, at + 6);
  if (sync !== 0xff || (second & 0xf6) !== 0xf0 || ((third >> 2) & 15) > 12) return undefined;
  const length = ((fourth & 3) << 11) | (fifth << 3) | (sixth >> 5);
  return length < 7 ? undefined : length;
}

function textAt(head: Buffer, start: number, end: number): string {
  return head.toString('latin1', start, end);
}

function startsWith(head: Buffer, bytes: readonly number[]): boolean {
  return bytes.every((byte, index) => head[index] === byte);
}
