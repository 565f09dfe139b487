import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

/** A client in a thread of its own: it sends requests while the thread of the server does nothing. */
const { port, hasSent } = workerData as { readonly port: number; readonly hasSent: Int32Array };
const newConnections = 20;

async function open(): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  await once(socket, 'connect');
  return socket;
}

const send = (socket: Socket): Promise<void> =>
  new Promise((sent) => void socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n', () => sent()));

/** The body of the response, after which the server closes the connection. */
const bodyOf = async (socket: Socket): Promise<string> =>
  (await socket.toArray().catch((error: NodeJS.ErrnoException) => [String(error.code)]))
    .join('')
    .replace(/^.*\r\n/s, '');

const used = await open();
await send(used);
await once(used, 'data');
used.pause();
parentPort?.postMessage('ready');
await new Promise((resolve) => void parentPort?.once('message', resolve));
await send(used);
const fresh = await Promise.all(Array.from({ length: newConnections }, open));
await Promise.all(fresh.map(send));
Atomics.store(hasSent, 0, 1);
Atomics.notify(hasSent, 0);
parentPort?.postMessage(await Promise.all([used, ...fresh].map(bodyOf)));
parentPort?.close();
