import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';

const piece = Buffer.alloc(65_536, 'safelight');
const pieces = 1600;

/** Streams 100 MB from memory, with back-pressure. */
export function sendStream(_req: IncomingMessage, res: ServerResponse): void {
  let left = pieces;
  const source = new Readable({
    highWaterMark: piece.length,
    read() {
      this.push(left > 0 ? piece : null);
      left -= 1;
    },
  });
  res.writeHead(200, { 'Content-Type': 'video/mp4', 'Content-Length': piece.length * pieces });
  // The load generator disconnects in the middle of its last response.
  pipeline(source, res, () => undefined);
}
