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
  /** Mounts may be added later. */
  readonly mounts: readonly Explainer[];
  /** Returns the facts about a URL of a guarded handler; `undefined` when none of its failures is known. */
  readonly guardFacts: (url: string) => Promise<UrlFacts> | undefined;
  readonly backoff: BackoffOptions;
  /** Set when a placeholder is sent in place of errors. */
  readonly placeholder: DiagnosisFacts['placeholder'];
  /** The rate of requests for `why` without key and secret, all clients together. */
  readonly whyRate: TokenRate;
}

export interface Control {
  /** Responds to a request for a control route; calls `next` for every other request. */
  handle(req: IncomingMessage, res: ServerResponse, next: Next): Promise<void>;
  /** Explains a URL. */
  why(url: string, options: ExplainOptions): Promise<Diagnosis>;
}

interface ExplainOptions {
  /** Whether the explanation has the details of the failure. */
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
    const fullPath = pathIn(url);
    const path = fullPath.startsWith(`${mount}/`) ? fullPath.slice(mount.length) : fullPath;
    const facts = await factsOf(path, fullPath);
    return diagnose({ ...facts, url, path, mount, now: clock(), backoff, placeholder, isAdministrator });
  }

  async function factsOf(path: string, fullPath: string): Promise<UrlFacts> {
    for (const mount of mounts) {
      const facts = mount.factsOf(path);
      if (facts !== undefined) return facts;
    }
    return guardFacts(fullPath) ?? {};
  }

  async function respondToWhy(req: IncomingMessage, query: URLSearchParams): Promise<ControlResponse> {
    const url = query.get('url');
    if (url === null || url === '') {
      return problemResponse(400, `The parameter url is missing; send the URL to explain as ${whyPath}?url=…`);
    }
    if (Buffer.byteLength(url) > maxUrlBytes) {
      return problemResponse(414, `The URL to explain is longer than ${maxUrlBytes} bytes.`);
    }
    const isAdministrator = mounts.some((mount) => mount.isAdministrator(req));
    if (!isAdministrator) {
      // Each response may read the disk twice, and every client may send this request.
      const taken = takeToken(bucket, clock(), whyRate);
      bucket = taken.bucket;
      const retryAfter = Math.ceil(taken.waitMs / 1000);
      if (taken.waitMs > 0) {
        return {
          ...problemResponse(429, `Too many requests for /_safelight/why; repeat this one in ${retryAfter} s.`),
          retryAfter,
        };
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
    return problemResponse(404, noCloudMessage(query.get('cloud')));
  }

  return {
    why,
    async handle(req, res, next) {
      const [path = '', ...rest] = urlBelowMount(req).split('?');
      if (path !== whyPath && !path.startsWith(assetsPath)) return next();
      if (req.method === 'OPTIONS') return writeControlPreflight(req, res);
      if (req.method !== 'GET' && req.method !== 'HEAD') return next();
      const parameters = new URLSearchParams(rest.join('?'));
      const response =
        path === whyPath
          ? await respondToWhy(req, parameters)
          : await respondToAssets(req, path.slice(assetsPath.length), parameters);
      writeControlResponse(req, res, response);
    },
  };
}

/** @param cloud - the parameter `cloud`; `null` when the request has none */
function noCloudMessage(cloud: string | null): string {
  return cloud === null
    ? 'The parameter cloud is missing; name the cloud, such as ?cloud=demo.'
    : `This server has no cloud ${JSON.stringify(cloud)}.`;
}

/** Returns path and query of a URL of any host. */
function pathIn(url: string): string {
  const path = originForm(url);
  return path.startsWith('/') ? path : `/${path}`;
}
