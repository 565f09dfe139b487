import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BackoffOptions } from '@safelight/core';
import { type Next, originForm, urlBelowMount } from '@safelight/http';
import { apiRoutes, type Diagnosis } from '@safelight/protocol';
import { createClientRate } from './client-rate.ts';
import {
  type ControlResponse,
  problemResponse,
  writeControlPreflight,
  writeControlResponse,
} from './control-response.ts';
import { diagnose } from './diagnose.ts';
import type { DiagnosisFacts } from './diagnosis-facts.ts';
import type { ControlQuestion, Explainer, UrlFacts } from './explainer.ts';
import type { TokenRate } from './token-bucket.ts';

export interface ControlParts {
  readonly clock: () => number;
  /** Mounts may be added later. */
  readonly mounts: readonly Explainer[];
  /** Returns the facts about a URL of a guarded handler; `undefined` when none of its failures is known. */
  readonly guardFacts: (url: string) => Promise<UrlFacts> | undefined;
  readonly backoff: BackoffOptions;
  /** Set when a placeholder is sent in place of errors. */
  readonly placeholder: DiagnosisFacts['placeholder'];
  /** The rate of requests for control routes without key and secret, for each client address. */
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
const uploadsPath = fixedPart(apiRoutes.received_parts.path);
const documentPath = apiRoutes.openapi.path;

/** The routes below `/_safelight/`. They only read: no handler runs, nothing is stored, no window is lengthened. */
export function createControl(parts: ControlParts): Control {
  const { clock, mounts, guardFacts, backoff, placeholder, whyRate } = parts;
  const waitMsOf = createClientRate(clock, whyRate);

  async function why(url: string, { isAdministrator, mount = '' }: ExplainOptions): Promise<Diagnosis> {
    const fullPath = pathIn(url);
    const path = belowMount(fullPath, mount);
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
    const mount = mountPathOf(req);
    return {
      status: 200,
      body: await why(url, { isAdministrator: isOwner(mounts, req, belowMount(pathIn(url), mount)), mount }),
    };
  }

  /** Each response may read the disk twice, and every client may send these requests. */
  function refuseTooMany(req: IncomingMessage, path: string): ControlResponse | undefined {
    const waitMs = mounts.some((mount) => mount.isAdministrator(req)) ? 0 : waitMsOf(req);
    if (waitMs === 0) return undefined;
    const retryAfter = Math.ceil(waitMs / 1000);
    return {
      ...problemResponse(429, `Too many requests for ${path}; repeat this one in ${retryAfter} s.`),
      retryAfter,
    };
  }

  async function respondTo(
    req: IncomingMessage,
    { operation, path, shownPath }: ControlRoute,
    query: URLSearchParams,
  ): Promise<ControlResponse> {
    const refusal = refuseTooMany(req, shownPath);
    if (refusal !== undefined) return refusal;
    if (operation === 'why') return respondToWhy(req, query);
    if (operation === 'openapi') return describeApi(req, mounts);
    return respondOfCloud(req, { operation, path, query }, mounts);
  }

  return {
    why,
    async handle(req, res, next) {
      const [path = '', ...rest] = urlBelowMount(req).split('?');
      const route = controlRoute(path);
      if (route === undefined) return next();
      if (req.method === 'OPTIONS') return writeControlPreflight(req, res);
      if (req.method !== 'GET' && req.method !== 'HEAD') return next();
      writeControlResponse(req, res, await respondTo(req, route, new URLSearchParams(rest.join('?'))));
    },
  };
}

async function describeApi(req: IncomingMessage, mounts: readonly Explainer[]): Promise<ControlResponse> {
  const documentOf = mounts.find(({ apiDocument }) => apiDocument !== undefined)?.apiDocument;
  if (documentOf === undefined) return problemResponse(404, 'This server has no cloud, and so no API to describe.');
  return { status: 200, body: await documentOf(mountPathOf(req)) };
}

/** The path that Express has mounted the server at. */
function mountPathOf(req: IncomingMessage): string {
  const { baseUrl = '' } = req as { readonly baseUrl?: string };
  return baseUrl;
}

async function respondOfCloud(
  req: IncomingMessage,
  question: Omit<ControlQuestion, 'isOnlyMount'>,
  mounts: readonly Explainer[],
): Promise<ControlResponse> {
  for (const mount of mounts) {
    const response = mount.respond(req, { ...question, isOnlyMount: mounts.length === 1 });
    if (response !== undefined) return response;
  }
  return problemResponse(404, noCloudMessage(question.query.get('cloud')));
}

interface ControlRoute {
  readonly operation: 'why' | 'openapi' | ControlQuestion['operation'];
  /** The path below that of the operation. */
  readonly path: string;
  /** The path for messages, without the name of an asset. */
  readonly shownPath: string;
}

function controlRoute(path: string): ControlRoute | undefined {
  if (path === whyPath) return { operation: 'why', path: '', shownPath: path };
  if (path === uploadsPath) return { operation: 'received_parts', path: '', shownPath: path };
  if (path === documentPath) return { operation: 'openapi', path: '', shownPath: path };
  if (!path.startsWith(assetsPath)) return undefined;
  return { operation: 'asset_status', path: path.slice(assetsPath.length), shownPath: `${assetsPath}…` };
}

/** Whether a request has the key of the cloud that a path belongs to. A path of a guarded handler belongs to all clouds. */
function isOwner(mounts: readonly Explainer[], req: IncomingMessage, path: string): boolean {
  const owner = mounts.find((mount) => mount.owns(path));
  return owner === undefined ? mounts.some((mount) => mount.isAdministrator(req)) : owner.isAdministrator(req);
}

function belowMount(fullPath: string, mount: string): string {
  return fullPath.startsWith(`${mount}/`) ? fullPath.slice(mount.length) : fullPath;
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
