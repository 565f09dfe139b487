/** The beginnings of media files, written by hand after their specifications. */

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

function box(name: string, content: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(content.length + 8);
  return Buffer.concat([size, latin1(name), content]);
}

const brand = (name: string): Buffer => box('ftyp', latin1(`${name}\0\0\0\0isom${name}`));
const matroska = (docType: string): Buffer =>
  Buffer.concat([hex('1a45dfa3 93 4286 81 01 42f7 81 01 4282'), Buffer.from([0x80 + docType.length]), latin1(docType)]);
const ogg = (codec: string): Buffer =>
  Buffer.concat([latin1('OggS\0\x02'), Buffer.alloc(20), Buffer.from([1, 30]), latin1(codec), Buffer.alloc(30)]);

function repeated(frame: Buffer, length: number, times: number): Buffer {
  return Buffer.concat(
    Array.from({ length: times }, () => Buffer.concat([frame, Buffer.alloc(length - frame.length)])),
  );
}

const asf = hex('3026b2758e66cf11a6d900aa0062ce6c 0000000000000000');

/** By canonical format. */
export const mediaFiles: Readonly<Record<string, Buffer>> = {
  mp4: Buffer.concat([brand('isom'), box('mdat', Buffer.alloc(64))]),
  m4v: brand('M4V '),
  m4a: brand('M4A '),
  '3gp': brand('3gp5'),
  mov: brand('qt  '),
  webm: matroska('webm'),
  mkv: matroska('matroska'),
  avi: latin1('RIFF\x00\x10\x00\x00AVI LIST'),
  wav: latin1('RIFF\x00\x10\x00\x00WAVEfmt '),
  aiff: latin1('FORM\x00\x10\x00\x00AIFFCOMM'),
  ts: repeated(hex('47400010'), 188, 4),
  m2ts: repeated(hex('00000000 47400010'), 192, 4),
  mpg: hex('000001ba 44000400 0401'),
  flv: latin1('FLV\x01\x05\0\0\0\x09'),
  ogv: ogg('\x80theora'),
  ogg: ogg('\x01vorbis\0'),
  opus: ogg('OpusHead'),
  wmv: Buffer.concat([asf, hex('c0ef19bc4d5bcf11a8fd00805f5c442b')]),
  wma: Buffer.concat([asf, hex('409e69f84d5bcf11a8fd00805f5c442b')]),
  mxf: hex('060e2b34 02050101 0d010201'),
  flac: Buffer.concat([latin1('fLaC\0\0\0\x22'), Buffer.alloc(34)]),
  amr: latin1('#!AMR\n\x3c'),
  // 128 kbit/s and 44.1 kHz: frames of 417 bytes.
  mp3: repeated(hex('fffb9000'), 417, 3),
  aac: repeated(hex('fff15080 0c7ffc'), 99, 3),
};

/** Files that begin like media files, or have their names, and are none. */
export const otherFiles: Readonly<Record<string, Buffer>> = {
  'text that is called mp4': latin1('hello, no video'),
  'text with the name of a box': latin1('The free software of a good friend is free.'),
  'text of one letter': latin1('G'.repeat(1000)),
  'text about ID3': latin1('ID3 is a tag in music files'),
  'text about Ogg': latin1('OggS is how each page of Ogg begins'),
  'text about RIFF': latin1('RIFF, that is a container for AVI and WAVE'),
  'UTF-16': Buffer.from('\ufeffhello, this is a text of some length', 'utf16le'),
  'half of a signature': hex('1a45dfa3'),
  'one frame of MP3': repeated(hex('fffb9000'), 417, 1),
  zip: hex('504b0304 1400'),
  zeros: Buffer.alloc(5000),
};
