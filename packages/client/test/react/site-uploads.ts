import { once } from 'node:events';
import type { Site } from '../../../../test/browsers/site.ts';

export interface HeldUploads {
  /** Resolves when this many uploads have arrived since the beginning. */
  arrived(count: number): Promise<void>;
  /** Resolves when the clients of this many held uploads have closed the connection. */
  left(count: number): Promise<void>;
  /** The server responds from now on, also to the uploads that it holds. */
  release(): void;
}

/** Lets the next uploads of a site wait for their response. @param max - later uploads do not wait */
export function holdUploads(site: Site, max: number = Number.POSITIVE_INFINITY): HeldUploads {
  const changes = new EventTarget();
  const counts = { arrived: 0, left: 0 };
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const count = (name: keyof typeof counts): void => {
    counts[name]++;
    changes.dispatchEvent(new Event('change'));
  };
  const until = async (name: keyof typeof counts, least: number): Promise<void> => {
    while (counts[name] < least) await once(changes, 'change');
  };
  site.intercept(async ({ method }, res) => {
    if (method !== 'POST') return false;
    count('arrived');
    if (counts.arrived > max) return false;
    res.once('close', () => {
      if (!res.writableFinished) count('left');
    });
    await released;
    return res.destroyed;
  });
  return {
    arrived: (least) => until('arrived', least),
    left: (least) => until('left', least),
    release() {
      site.intercept(undefined);
      release();
    },
  };
}

/** Refuses all uploads of a site, until `site.intercept(undefined)`. */
export function refuseUploads(site: Site): void {
  site.intercept((req, res) => {
    if (req.method !== 'POST') return false;
    req.resume();
    res.writeHead(400, { 'Content-Type': 'application/json' }).end('{"error":{"message":"Not today"}}');
    return true;
  });
}
