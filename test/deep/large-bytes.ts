const megabyte = 1024 ** 2;
const blockBytes = 4096;

/** Makes this number of megabytes. Like a real handler it gives other tasks a turn between the pieces. */
export async function* largeBytes(
  megabytes: number,
  turn: (made: number) => Promise<void> = nextTurn,
): AsyncGenerator<Buffer> {
  for (let made = 0; made < megabytes; made += 1) {
    await turn(made);
    yield largePiece(made);
  }
}

/** The bytes from `start` to before `end`. */
export function largeRange(start: number, end: number): Buffer {
  const first = Math.floor(start / megabyte);
  const pieces = Array.from({ length: Math.ceil(end / megabyte) - first }, (_, i) => largePiece(first + i));
  return Buffer.concat(pieces).subarray(start - first * megabyte, end - first * megabyte);
}

/** A megabyte. Each block contains its own position, so a block in the wrong place is noticed. */
export function largePiece(index: number): Buffer {
  const piece = Buffer.alloc(megabyte, index % 251);
  for (let at = 0; at < megabyte; at += blockBytes) piece.writeUInt32BE((index * megabyte + at) / blockBytes, at);
  return piece;
}

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
