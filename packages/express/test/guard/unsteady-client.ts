import { connect, type Socket } from 'node:net';

const endings: readonly ((socket: Socket) => void)[] = [
  (socket) => void socket.destroy(),
  (socket) => void socket.resetAndDestroy(),
  (socket) => void socket.end(),
  (socket) => void socket.write('\x00\x01 no request\r\n\r\n'),
  (socket) => void socket.end('GET /half-a-requ'),
  (socket) => void socket.pause().setTimeout(20, () => socket.destroy()),
];

/**
 * Requests up to three paths over one connection, and disturbs the connection at a random moment: at once, before the
 * status line, in the middle of a body, or never. Resolves when the connection has closed.
 */
export function askUnsteadily(port: number, paths: readonly string[], random: () => number): Promise<void> {
  const ending = endings[Math.floor(random() * endings.length)] ?? endings[0];
  const turns = Math.floor(random() * 8);
  const moment = random();
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.once('close', () => resolve());
    const spoil = () => {
      if (!socket.destroyed) ending?.(socket);
    };
    if (moment < 0.35) inTurns(turns, spoil);
    else if (moment < 0.75) socket.once('data', () => inTurns(turns, spoil));
    // A HEAD of a handler that hangs gets no response, because the guard does not time it out.
    socket.resume().setTimeout(100, () => socket.destroy());
    const last = paths.length - 1;
    for (const [i, path] of paths.entries()) {
      const method = random() < 0.1 ? 'HEAD' : 'GET';
      socket.write(`${method} ${path} HTTP/1.1\r\nHost: a\r\n${i === last ? 'Connection: close\r\n' : ''}\r\n`);
    }
  });
}

function inTurns(turns: number, then: () => void): void {
  if (turns === 0) then();
  else setImmediate(() => inTurns(turns - 1, then));
}
