import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ClientOptions } from '@safelight/client';

/** A server that takes uploads: Safelight, or a stand-in for Cloudinary. */
export interface UploadPlace {
  /** The options of a client with a preset for unsigned uploads. */
  readonly options: ClientOptions;
  /** The options of a client with a signing server. */
  readonly signedOptions: ClientOptions;
  /** The origin that delivers its pictures. */
  readonly deliveryOrigin: string;
  readonly requests: readonly IncomingMessage[];
  /** All stored versions, oldest first. */
  readonly stored: readonly Stored[];
  /** The next matching request loses its connection: in the middle of its body, or in place of its response. */
  loseNext(when: 'body' | 'answer', fits?: (req: IncomingMessage) => boolean): void;
  close(): Promise<void>;
}

export interface Stored {
  readonly publicId: string;
  readonly bytes: Buffer;
}

type Handler = (req: IncomingMessage, res: ServerResponse) => void;

/** A server whose connections break at a point that the test chooses. */
export async function startBreakableServer(handler: Handler): Promise<
  Pick<UploadPlace, 'requests' | 'loseNext' | 'close'> & {
    readonly origin: string;
  }
> {
  const requests: IncomingMessage[] = [];
  let loss: { readonly when: 'body' | 'answer'; readonly fits: (req: IncomingMessage) => boolean } | undefined;
  const server = createServer((req, res) => {
    requests.push(req);
    const isLost = loss?.fits(req) ?? false;
    const when = loss?.when;
    if (isLost) loss = undefined;
    if (isLost && when === 'body') {
      req.once('data', () => req.socket.destroy());
      return;
    }
    if (isLost) res.writeHead = () => res.destroy();
    handler(req, res);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    loseNext(when, fits = () => true) {
      loss = { when, fits };
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
