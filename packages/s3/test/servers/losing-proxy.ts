import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { S3Server } from './ceph.ts';

/**
 * `'lost'`: the server executes the request, and the connection ends instead of the response. `'cut'`: it ends within the body
 * of the response. `'refused'`: 503 without an effect. `'silent'`: nothing happens.
 */
export type Fault = 'lost' | 'cut' | 'refused' | 'silent';

export interface LosingProxy extends S3Server {
  /** Decides about each request. `undefined`: it passes. */
  faultOf: (request: IncomingMessage) => Fault | undefined;
  /** Delays a request until the promise resolves. */
  holds: (request: IncomingMessage) => Promise<void> | undefined;
  /** The requests so far, as `PUT /bucket/key`, with their fault. */
  readonly seen: readonly (readonly [line: string, fault: Fault | undefined])[];
  close(): Promise<void>;
}

/** A proxy in front of an S3 server. It passes on the `Host` header, which the signature covers. */
export async function losingProxy({ endpoint, ...credentials }: S3Server): Promise<LosingProxy> {
  const upstream = new URL(endpoint);
  const seen: (readonly [string, Fault | undefined])[] = [];

  async function pass(incoming: IncomingMessage, response: ServerResponse, fault: Fault | undefined): Promise<void> {
    const { method, url: path, headers } = incoming;
    const { expect: _expect, ...sent } = headers;
    const outgoing = request({ host: upstream.hostname, port: upstream.port, method, path, headers: sent });
    const replied = once(outgoing, 'response') as Promise<[IncomingMessage]>;
    replied.catch(() => undefined);
    await proxy.holds(incoming);
    await pipeline(incoming, outgoing);
    const [reply] = await replied;
    if (fault === 'lost') {
      for await (const _chunk of reply);
      incoming.socket.destroy();
      return;
    }
    response.writeHead(reply.statusCode ?? 500, reply.headers);
    if (fault === 'cut') {
      response.flushHeaders();
      for await (const chunk of reply) {
        response.write(chunk.subarray(0, chunk.length / 2));
        break;
      }
      setImmediate(() => incoming.socket.destroy());
      return;
    }
    await pipeline(reply, response);
  }

  const server = createServer((incoming, response) => {
    const fault = proxy.faultOf(incoming);
    seen.push([`${incoming.method} ${incoming.url}`, fault]);
    if (fault === 'silent') return;
    if (fault === 'refused') {
      incoming.resume().once('end', () => response.writeHead(503).end());
      return;
    }
    pass(incoming, response, fault).catch(() => incoming.socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: LosingProxy = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...credentials,
    faultOf: () => undefined,
    holds: () => undefined,
    seen,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
  return proxy;
}
