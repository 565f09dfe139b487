import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** One multipart field, as it was sent. */
export interface WireField {
  readonly name: string;
  readonly filename: string | undefined;
  readonly value: string;
}

export interface WireRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly fields: readonly WireField[];
}

export type Response = (request: WireRequest, res: ServerResponse) => void;

export interface TestServer {
  readonly origin: string;
  /** Every request that arrived completely. */
  readonly requests: readonly WireRequest[];
  close(): Promise<void>;
}

/** A real HTTP server that reads requests to the end and records them; the test sends the responses. */
export async function startTestServer(respond: Response): Promise<TestServer> {
  const requests: WireRequest[] = [];
  return listen(
    createServer((req, res) => {
      receive(req).then(
        (request) => {
          requests.push(request);
          respond(request, res);
        },
        () => undefined, // The client has closed the connection, because the test has aborted the upload.
      );
    }),
    requests,
  );
}

/** A server whose listener gets each request before its body has been read. */
export async function startRawServer(
  handler: (req: IncomingMessage, res: ServerResponse) => void,
): Promise<TestServer> {
  return listen(createServer(handler), []);
}

export function respondWithJson(
  res: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

async function listen(server: Server, requests: readonly WireRequest[]): Promise<TestServer> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function receive(req: IncomingMessage): Promise<WireRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) {
    chunks.push(chunk as Buffer);
  }
  const { method = '', url = '', headers } = req;
  return { method, url, headers, fields: readFields(headers['content-type'], Buffer.concat(chunks)) };
}

function readFields(contentType: string | undefined, body: Buffer): readonly WireField[] {
  const boundary = /^multipart\/form-data; boundary="?([^"]+)"?$/.exec(contentType ?? '')?.[1];
  if (boundary === undefined) {
    return [];
  }
  const parts = body.toString('latin1').split(`--${boundary}`);
  return parts.slice(1, -1).map((part) => {
    const [head = '', ...rest] = part.slice(2).split('\r\n\r\n');
    return {
      name: /[ ;]name="([^"]*)"/.exec(head)?.[1] ?? '',
      filename: /filename="([^"]*)"/.exec(head)?.[1],
      value: rest.join('\r\n\r\n').slice(0, -2),
    };
  });
}
