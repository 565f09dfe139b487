/** A sequence of bytes, held as the pieces that were written. Pieces at its start can be dropped. */
export interface PieceWindow {
  /** Position of the first held byte, counted from the first byte that was appended. */
  readonly start: number;
  /** How many bytes were appended in total. */
  readonly end: number;
  append(piece: Uint8Array): void;
  /**
   * The bytes from `position` on (between `start` and `end`), without copying: the rest of one piece, at most
   * `maxBytes`.
   */
  from(position: number, maxBytes?: number): Buffer;
  /** Drops the pieces that end at `position` or before. */
  dropBefore(position: number): void;
  /** All held bytes, in a `Buffer` that shares its memory with no other one. */
  toBuffer(): Buffer;
}

interface Piece {
  readonly start: number;
  readonly memory: Buffer;
  length: number;
}

// Pieces below `smallBytes` are copied into blocks. Otherwise a handler that writes byte by byte would need a hundred
// times the memory of its bytes.
const smallBytes = 1024;
const blockBytes = 8192;

export function createPieceWindow(): PieceWindow {
  let pieces: Piece[] = [];
  let end = 0;

  /** The block into which to copy a piece; `undefined` when the piece is held without copying. */
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
    from(position, maxBytes = Number.POSITIVE_INFINITY) {
      // Search from the end, because a fast reader reads the last piece.
      const piece = pieces.findLast(({ start }) => start <= position);
      if (piece === undefined) return Buffer.alloc(0);
      const offset = position - piece.start;
      return piece.memory.subarray(offset, Math.min(piece.length, offset + maxBytes));
    },
    dropBefore(position) {
      const firstNeeded = pieces.findIndex(({ start, length }) => start + length > position);
      if (firstNeeded !== 0) pieces = firstNeeded === -1 ? [] : pieces.slice(firstNeeded);
    },
    toBuffer() {
      const [only] = pieces;
      if (pieces.length === 1 && only !== undefined && only.length === only.memory.buffer.byteLength) {
        return only.memory;
      }
      // Not `Buffer.concat`, because it may use Node's shared pool: one small cached body would hold the memory of
      // others.
      const all = Buffer.allocUnsafeSlow(end - this.start);
      for (const { start, memory, length } of pieces) memory.copy(all, start - this.start, 0, length);
      return all;
    },
  };
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
