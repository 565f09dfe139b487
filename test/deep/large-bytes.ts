const MEGABYTE = 1024 ** 2;

/** So many megabytes, each of another byte, so that a piece in the wrong place shows. */
export async function* largeBytes(megabytes: number): AsyncGenerator<Buffer> {
  for (let i = 0; i < megabytes; i += 1) {
    yield largePiece(i);
    // As whatever makes a derivative does, it lets others have their turn.
    await new Promise(setImmediate);
  }
}

export function largePiece(index: number): Buffer {
  return Buffer.alloc(MEGABYTE, index % 251);
}
