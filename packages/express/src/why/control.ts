import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BackoffOptions } from '@safelight/core';
import { type Next, originForm, urlBelowMount } from '@safelight/http';
import { apiRoutes, type Diagnosis } from '@safelight/protocol';
import {
  type ControlResponse,
  problemResponse,
  writeControlPreflight,
  writeControlResponse,
} from './control-response.ts';
import { diagnose } from './diagnose.ts';
import type { DiagnosisFacts } from './diagnosis-facts.ts';
import type { Explainer, UrlFacts } from './explainer.ts';
import { type TokenRate, takeToken } from './token-bucket.ts';

export interface ControlParts {
  readonly clock: () => number;
  /** Grows with each mount. */
  readonly mounts: readonly Explainer[];
  /** The facts about URLs of guarded handlers. */
  readonly guardFacts: (url: string) => Promise<UrlFacts> | undefined;
  readonly backoff: BackoffOptions;
  /** Set when a placeholder is sent in place of errors. */
  readonly placeholder: DiagnosisFacts['placeholder'];
  /** The rate of `why` requests without a key and secret. */
  readonly whyRate: TokenRate;
}

export interface Control {
  handle(req: IncomingMessage, res: ServerResponse, next: Next): Promise<void>;
  why(url: string, options: ExplainOptions): Promise<Diagnosis>;
}

interface ExplainOptions {
  readonly isAdministrator: boolean;
  /** The path that the server is mounted at. @default '' */
  readonly mount?: string;
}

const maxUrlBytes = 4096;
const fixedPart = (path: string): string => path.slice(0, path.search(/[?{]/));
const whyPath = fixedPart(apiRoutes.why.path);
const assetsPath = fixedPart(apiRoutes.asset_status.path);

/** The routes below `/_safelight/`. They only read: no handler runs, nothing is stored, no window is lengthened. */
export function createControl(parts: ControlParts): Control {
  const { clock, mounts, guardFacts, backoff, placeholder, whyRate } = parts;
  let bucket = { tokens: whyRate.burst, countedAt: clock() };

  async function why(url: string, { isAdministrator, mount = '' }: ExplainOptions): Promise<Diagnosis> {
    const whole = pathIn(url);
    const path = whole.startsWith(`${mount}/`) ? whole.slice(mount.length) : whole;
    const facts = await factsOf(path, whole);
    return diagnose({ ...facts, url, path, mount, now: clock(), backoff, placeholder, isAdministrator });
  }

  async function factsOf(path: string, whole: string): Promise<UrlFacts> {
    for (const mount of mounts) {
      const facts = mount.factsOf(path);
      if (facts !== undefined) return facts;
    }
    return guardFacts(whole) ?? {};
  }

  async function respondToWhy(req: IncomingMessage, query: URLSearchParams): Promise<ControlResponse> {
    const url = query.get('url');
    if (url === null || url === '') return problemResponse(400, `Give the URL to explain: ${whyPath}?url=…`);
    if (Buffer.byteLength(url) > maxUrlBytes)
      return problemResponse(414, `The URL is longer than ${maxUrlBytes} bytes.`);
    const isAdministrator = mounts.some((mount) => mount.isAdministrator(req));
    if (!isAdministrator) {
      // Each answer may read the disk twice, and any client may ask.
      const taken = takeToken(bucket, clock(), whyRate);
      bucket = taken.bucket;
      const retryAfter = Math.ceil(taken.waitMs / 1000);
      if (taken.waitMs > 0) {
        return { ...problemResponse(429, `Too many questions at once. Ask again in ${retryAfter} s.`), retryAfter };
      }
    }
    const { baseUrl: mount = '' } = req as { readonly baseUrl?: string };
    return { status: 200, body: await why(url, { isAdministrator, mount }) };
  }

  async function respondToAssets(req: IncomingMessage, path: string, query: URLSearchParams): Promise<ControlResponse> {
    for (const mount of mounts) {
      const response = mount.respond(req, { path, query, isOnlyMount: mounts.length === 1 });
      if (response !== undefined) return response;
    }
    return problemResponse(404, `There is no cloud ${JSON.stringify(query.get('cloud'))} here.`);
  }

  return {
    why,
    async handle(req, res, next) {
      const [path = '', ...rest] = urlBelowMount(req).split('?');
      if (path !== whyPath && !path.startsWith(assetsPath)) return next();
      if (req.method === 'OPTIONS') return writeControlPreflight(req, res);
      if (req.method !== 'GET' && req.method !== 'HEAD') return next();
      const asked = new URLSearchParams(rest.join('?'));
      const response =
        path === whyPath
          ? await respondToWhy(req, asked)
          : await respondToAssets(req, path.slice(assetsPath.length), asked);
      writeControlResponse(req, res, response);
    },
  };
}

/** Path and query of a URL, for any host. */
function pathIn(url: string): string {
  const path = originForm(url);
  return path.startsWith('/') ? path : `/${path}`;
}
