import { recordSchema } from '@safelight/core';
import express, { type Router } from 'express';
import type { IndexProgress } from './open-originals.ts';
import { release } from './release.ts';
import type { StoreState } from './store-url.ts';

/** What a process knows of itself without asking anyone. */
export interface HealthFacts {
  readonly store: StoreState;
  readonly index: IndexProgress;
  readonly isDraining: boolean;
}

/** The JSON of `/_safelight/health`. It has no name of a host, no path and no secret. */
export interface Health {
  /** `degraded`: the store is away, or lists and searches are refused because the index is incomplete. */
  readonly status: 'ok' | 'degraded';
  readonly store:
    | { readonly state: 'embedded' | 'connected' }
    /** Since when, in ISO 8601. Meanwhile the process holds failures in its own memory. */
    | { readonly state: 'away'; readonly since: string };
  /** Whether the process is about to end. */
  readonly draining: boolean;
  readonly index: IndexProgress;
  readonly release: string;
  /** The schema number of records in the store. Releases with the same number share their records. */
  readonly schema: number;
}

export interface HealthResponse {
  readonly status: 200 | 503;
  readonly body: Health | { readonly status: 'ready' | 'draining' };
  /** In seconds. */
  readonly retryAfter?: number;
}

const ownRelease = release();

export function healthOf({ store, index, isDraining }: HealthFacts): Health {
  return {
    status: store.state === 'away' || index === 'incomplete' ? 'degraded' : 'ok',
    store: store.state === 'away' ? { state: 'away', since: new Date(store.sinceAt).toISOString() } : store,
    draining: isDraining,
    index,
    release: ownRelease,
    schema: recordSchema,
  };
}

/**
 * `health` fails only when the process cannot respond. `ready` fails only while the process drains: without its store, it
 * still delivers pictures, and all other processes have lost the store too.
 */
export function healthResponse(route: 'health' | 'ready', facts: HealthFacts): HealthResponse {
  if (route === 'health') return { status: 200, body: healthOf(facts) };
  if (facts.isDraining) return { status: 503, body: { status: 'draining' }, retryAfter: 1 };
  return { status: 200, body: { status: 'ready' } };
}

/**
 * The routes `/_safelight/health` and `/_safelight/ready`, for GET and HEAD. They need no credentials, and read only the
 * memory of this process, so a response always costs the same.
 */
export function healthRoutes(facts: () => HealthFacts): Router {
  const router = express.Router({ caseSensitive: true, strict: true });
  for (const route of ['health', 'ready'] as const) {
    router.get(`/_safelight/${route}`, (_req, res) => {
      const { status, body, retryAfter } = healthResponse(route, facts());
      const json = `${JSON.stringify(body)}\n`;
      res.writeHead(status, {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(json),
        'Cache-Control': 'no-store',
        'X-Content-Type-Options': 'nosniff',
        ...(retryAfter === undefined ? {} : { 'Retry-After': retryAfter }),
      });
      res.end(json);
    });
  }
  return router;
}
