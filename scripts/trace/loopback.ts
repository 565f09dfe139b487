import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type RequestListener, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface Loopback {
  readonly origin: string;
  send(
    path: string,
    init?: { readonly method?: string; readonly type?: string; readonly body?: Buffer },
  ): Promise<Received>;
  close(): Promise<void>;
}

interface Received {
  readonly response: IncomingMessage;
  readonly body: Buffer;
}

/** A server on the loopback interface, and a client with one connection that stays open. */
export async function listenOnLoopback(listener: RequestListener): Promise<Loopback> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    origin,
    async send(path, { method = 'GET', type, body } = {}) {
      const headers = body === undefined ? {} : { 'content-type': type, 'content-length': body.length };
      const sent = request(new URL(path, origin), { agent, method, headers });
      sent.end(body);
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      const received = await buffer(response);
      assert.equal(response.statusCode, 200, `${method} ${path}: ${received}`);
      return { response, body: received };
    },
    async close() {
      agent.destroy();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
