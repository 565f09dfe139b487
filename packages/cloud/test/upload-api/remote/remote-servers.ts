import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createNetServer, type Server as NetServer, type Socket } from 'node:net';

/** A server that files are fetched from. */
export interface RemoteServer {
  readonly port: number;
  /** The targets of the requests, in their order. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** @param host - another loopback address, such as `127.0.0.2`, is another server with the same port */
export async function startRemote(
  respond: RequestListener,
  { host = '127.0.0.1', port = 0 }: { readonly host?: string; readonly port?: number } = {},
): Promise<RemoteServer> {
  const requests: string[] = [];
  const server = createServer((req, res) => {
    requests.push(req.url ?? '');
    respond(req, res);
  });
  return { ...(await listening(server, host, port)), requests };
}

/** A server that writes exactly this text, for responses that `node:http` would not send. */
export async function startRaw(text: string, then: (socket: Socket) => void): Promise<RemoteServer> {
  const server = createNetServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(text);
      then(socket);
    });
  });
  return { ...(await listening(server, '127.0.0.1', 0)), requests: [] };
}

/** Makes a server listen, and closes it with all of its connections. */
export async function listening(
  server: Server | NetServer,
  host: string,
  port: number,
): Promise<Omit<RemoteServer, 'requests'>> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
