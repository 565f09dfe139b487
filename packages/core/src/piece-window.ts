/** A sequence of bytes, held as the pieces that were written. Pieces at its beginning can be dropped. */
export interface PieceWindow {
  /** Where what is held begins, counted from the very first byte. */
  readonly start: number;
  /** How many bytes have come in all. */
  readonly end: number;
  append(piece: Uint8Array): void;
  /** What is held from `position` on (between `start` and `end`) without copying: `most` bytes, or what one piece gives. */
  from(position: number, most?: number): Buffer;
  /** Drops the pieces that end at `position` or before. */
  dropBefore(position: number): void;
  /** Everything that is held, in memory that holds nothing else. */
  toBuffer(): Buffer;
}

interface Piece {
  readonly start: number;
  readonly memory: Buffer;
  length: number;
}

// Otherwise a handler that writes byte by byte would take a hundred times the memory of its bytes.
const smallBytes = 1024;
const blockBytes = 8192;

export function createPieceWindow(): PieceWindow {
  let pieces: Piece[] = [];
  let end = 0;

  /** Where a piece goes of which only a copy is held; `undefined` when it is worth a place of its own. */
  function blockFor({ byteLength }: Uint8Array): Piece | undefined {
    const last = pieces.at(-1);
    if (last !== undefined && last.memory.length - last.length >= byteLength) return last;
    if (byteLength >= smallBytes) return undefined;
    const block = { start: end, memory: Buffer.allocUnsafeSlow(blockBytes), length: 0 };
    pieces.push(block);
    return block;
  }

  return {
    get start() {
      return pieces[0]?.start ?? end;
    },
    get end() {
      return end;
    },
    append(piece) {
      const block = blockFor(piece);
      if (block === undefined) pieces.push({ start: end, memory: asBuffer(piece), length: piece.byteLength });
      else {
        block.memory.set(piece, block.length);
        block.length += piece.byteLength;
      }
      end += piece.byteLength;
    },
    from(position, most = Number.POSITIVE_INFINITY) {
      // A reader that keeps up is at the end.
      const piece = pieces.findLast(({ start }) => start <= position);
      if (piece === undefined) return Buffer.alloc(0);
      const offset = position - piece.start;
      return piece.memory.subarray(offset, Math.min(piece.length, offset + most));
    },
    dropBefore(position) {
      const cached = pieces.findIndex(({ start, length }) => start + length > position);
      if (cached !== 0) pieces = cached === -1 ? [] : pieces.slice(cached);
    },
    toBuffer() {
      const [only] = pieces;
      if (pieces.length === 1 && only !== undefined && only.length === only.memory.buffer.byteLength) {
        return only.memory;
      }
      // Not Buffer.concat: it uses the shared pool, where one small body that is kept for long keeps many others in
      // memory.
      const all = Buffer.allocUnsafeSlow(end - this.start);
      for (const { start, memory, length } of pieces) memory.copy(all, start - this.start, 0, length);
      return all;
    },
  };
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
