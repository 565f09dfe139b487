import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StandInRequest {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
}

export interface StandIn {
  readonly origin: string;
  readonly requests: StandInRequest[];
  /** The requests to the delivery side, such as `HEAD /demo/…`. */
  deliveries(): readonly string[];
  /** Makes an original exist; cached errors stay. */
  upload(publicId: string, version: number, derived?: readonly string[]): void;
  /** Sets the response for a path, which takes precedence over everything else. */
  respond(path: string, status: number, headers?: Readonly<Record<string, string>>): void;
  /** Moves the clock of the edge: `Age` grows, and errors expire. */
  pass(seconds: number): void;
  close(): Promise<void>;
}

interface CachedError {
  readonly status: number;
  readonly message: string;
  at: number;
  periodSeconds: number;
}

const secret = 'admin-key:admin-secret';
/** The headers of a recorded 404. */
const deliveryHeaders = {
  'cache-control': 'private, no-transform, max-age=0, no-cache',
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'X-Cld-Error,Content-Length,Content-Disposition,Server-Timing',
};

/**
 * A stand-in for Cloudinary, by its documentation and by recordings, as far as `why()` can see it: errors are cached under
 * the exact path, for 1 minute that doubles, and the Admin API describes a resource. Paths: /demo/image/upload/….
 */
export async function startStandIn(): Promise<StandIn> {
  const requests: StandInRequest[] = [];
  const originals = new Map<string, { readonly version: number; readonly derived: readonly string[] }>();
  const fixed = new Map<string, { readonly status: number; readonly headers: Readonly<Record<string, string>> }>();
  const errors = new Map<string, CachedError>();
  let now = 0;

  function fault(path: string): { readonly status: number; readonly message: string } | undefined {
    const [, components = '', id = ''] =
      /^\/demo\/image\/upload\/(?:s--[\w-]{8}--\/)?((?:\w{1,2}_[^/]*\/)*)(?:v\d+\/)?(.+?)(?:\.\w+)?$/.exec(path) ?? [];
    const [, width] = /\bw_([^,/]*)/.exec(components) ?? [];
    if (width !== undefined && !/^[1-9]\d*$/.test(width)) {
      return { status: 400, message: `Invalid width in transformation: ${width}` };
    }
    return originals.has(id) ? undefined : { status: 404, message: `Resource not found - ${id}` };
  }

  function deliver(path: string): { readonly status: number; readonly headers: Readonly<Record<string, string>> } {
    const cached = errors.get(path);
    if (cached !== undefined && now - cached.at < cached.periodSeconds) {
      return { status: cached.status, headers: { 'x-cld-error': cached.message, age: String(now - cached.at) } };
    }
    const found = fault(path);
    if (found === undefined) return { status: 200, headers: { 'server-timing': 'cld-cache;desc=miss' } };
    errors.set(path, { ...found, at: now, periodSeconds: Math.min(86_400, (cached?.periodSeconds ?? 30) * 2) });
    return { status: found.status, headers: { 'x-cld-error': found.message, age: '0' } };
  }

  const server = createServer((req, res) => {
    const { method = '', url = '', headers } = req;
    requests.push({ method, url, authorization: headers.authorization });
    const resource = /^\/v1_1\/demo\/resources\/(?:image|video|raw)\/upload\/(.+)$/.exec(url)?.[1];
    if (resource !== undefined) {
      const respond = (status: number, body: unknown) =>
        res.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
      const publicId = decodeURIComponent(resource);
      const original = originals.get(publicId);
      if (headers.authorization !== `Basic ${Buffer.from(secret).toString('base64')}`) {
        return void respond(401, { error: { message: 'Invalid api_key' } });
      }
      if (original === undefined) {
        return void respond(404, { error: { message: `Resource not found - ${publicId}` } });
      }
      const { version, derived } = original;
      return void respond(200, {
        ...{ asset_id: 'b5e6', public_id: publicId, format: 'jpg', version, resource_type: 'image', type: 'upload' },
        ...{ bytes: 120_253, width: 864, height: 576, tags: [] },
        derived: derived.map((transformation) => ({ id: '8267', transformation, format: 'jpg', bytes: 3847 })),
      });
    }
    const { status, headers: given } = fixed.get(url) ?? deliver(url);
    res.writeHead(status, { ...deliveryHeaders, 'x-request-id': 'f00d', ...given }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    deliveries: () =>
      requests.filter(({ url }) => !url.startsWith('/v1_1/')).map(({ method, url }) => `${method} ${url}`),
    upload: (publicId, version, derived = []) => void originals.set(publicId, { version, derived }),
    respond: (path, status, headers = {}) => void fixed.set(path, { status, headers }),
    pass: (seconds) => {
      now += seconds;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

export const adminCredentials = { apiKey: 'admin-key', apiSecret: 'admin-secret' };
