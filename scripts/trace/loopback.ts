import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type RequestListener, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface Loopback {
  readonly origin: string;
  /** Sends a GET, or a POST when there is a body. Rejects when the status is not 200. */
  send(path: string, sent?: Sent): Promise<Received>;
  close(): Promise<void>;
}

export interface Sent {
  readonly contentType: string;
  readonly body: Buffer;
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
    async send(path, sent) {
      const method = sent === undefined ? 'GET' : 'POST';
      const headers = sent && { 'Content-Type': sent.contentType, 'Content-Length': sent.body.length };
      const outgoing = request(new URL(path, origin), { agent, method, headers: { ...headers } });
      const responded = once(outgoing, 'response') as Promise<[IncomingMessage]>;
      outgoing.end(sent?.body);
      const [response] = await responded;
      const body = await buffer(response);
      assert.equal(response.statusCode, 200, `${method} ${path}: ${body}`);
      return { response, body };
    },
    async close() {
      agent.destroy();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
