import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Guard, GuardOptions, Original, Target } from '@safelight/core';
import { type AssetStatus, type Diagnosis, publicIdProblem, type ResourceType } from '@safelight/protocol';
import { describeAsset } from '../api/asset-answer.ts';
import type { Cloud } from '../cloud.ts';
import type { Next } from '../run-handler.ts';
import { diagnose } from './diagnose.ts';
import type { DiagnosisFacts } from './diagnosis-facts.ts';

export interface ControlParts {
  readonly guard: Guard;
  readonly clock: () => number;
  /** Filled as clouds are mounted. */
  readonly clouds: readonly Cloud[];
  /** What a URL meant that failed a while ago in a handler of one's own. */
  readonly failedTarget: (url: string) => Target | undefined;
  readonly ladders: Pick<GuardOptions, 'lasting' | 'passing'>;
  /** Set when a placeholder is sent in place of errors. */
  readonly placeholder: DiagnosisFacts['placeholder'];
}

export interface Control {
  handle(req: IncomingMessage, res: ServerResponse, next: Next): Promise<void>;
  why(url: string, options: WhyOptions): Promise<Diagnosis>;
}

interface WhyOptions {
  readonly isAdministrator: boolean;
  /** The path that the server is mounted at. @default '' */
  readonly mount?: string;
}

const MOST_URL_BYTES = 4096;

/** The routes below `/_safelight/`. They only read: nothing is run, remembered, prolonged or asked of a handler. */
export function createControl(parts: ControlParts): Control {
  const { guard, clock, clouds, failedTarget, ladders, placeholder } = parts;

  async function why(url: string, { isAdministrator, mount = '' }: WhyOptions): Promise<Diagnosis> {
    const whole = pathIn(url);
    const path = whole.startsWith(`${mount}/`) ? whole.slice(mount.length) : whole;
    const about = { url, path, mount, now: clock(), ladders, placeholder, isAdministrator };
    for (const cloud of clouds) {
      const identified = cloud.identify(path, undefined);
      if (identified.kind === 'foreign') continue;
      if (identified.kind === 'refused') return diagnose({ ...about, refused: identified.fault });
      const { delivery, target } = identified;
      const asset = { resourceType: delivery.resourceType, publicId: delivery.publicId };
      const [found, original] = await Promise.all([guard.inspect(target), cloud.originals.find(asset)]);
      const { version } = delivery;
      const versionExists =
        version === undefined ? undefined : (await cloud.originals.find(asset, version)) !== undefined;
      return diagnose({
        ...about,
        delivery,
        found,
        isArriving: guard.isArriving(target),
        original: original ?? null,
        ...(versionExists === undefined ? {} : { versionExists }),
      });
    }
    const target = failedTarget(whole);
    if (target === undefined) return diagnose(about);
    return diagnose({ ...about, found: await guard.inspect(target), isArriving: guard.isArriving(target) });
  }

  async function assetStatus(req: IncomingMessage, path: string, query: URLSearchParams): Promise<JsonAnswer> {
    const [resourceType = '', ...id] = path.split('/');
    const name = query.get('cloud');
    const cloud = name === null && clouds.length === 1 ? clouds[0] : clouds.find((one) => one.name === name);
    if (cloud === undefined) return problem(404, `There is no cloud ${JSON.stringify(name)} here.`);
    const publicId = decoded(id.join('/'));
    if (!/^(image|video|raw)$/.test(resourceType) || publicId === undefined) {
      return problem(400, 'Expected /_safelight/assets/<image|video|raw>/<public ID>?cloud=<name>.');
    }
    const wrong = publicIdProblem(publicId);
    if (wrong !== undefined) return problem(400, wrong);
    const original = await cloud.originals.find({ resourceType: resourceType as ResourceType, publicId });
    if (original === undefined) return { status: 200, body: { exists: false } satisfies AssetStatus };
    if (!isAdministrator(req, cloud)) return { status: 200, body: { exists: true, ...publicPart(original) } };
    const origin = cloud.deliveryOrigin(req);
    const described = describeAsset(original, { cloudName: cloud.name, origin, apiSecret: undefined });
    return { status: 200, body: { exists: true, ...described, etag: original.etag } };
  }

  async function answer(req: IncomingMessage, path: string, query: URLSearchParams): Promise<JsonAnswer | undefined> {
    if (path.startsWith('assets/')) return assetStatus(req, path.slice('assets/'.length), query);
    if (path !== 'why') return undefined;
    const url = query.get('url');
    if (url === null || url === '') return problem(400, 'Give the URL to explain: /_safelight/why?url=…');
    if (Buffer.byteLength(url) > MOST_URL_BYTES) return problem(414, `The URL is longer than ${MOST_URL_BYTES} bytes.`);
    return {
      status: 200,
      body: await why(url, {
        isAdministrator: clouds.some((cloud) => isAdministrator(req, cloud)),
        mount: (req as { readonly baseUrl?: string }).baseUrl ?? '',
      }),
    };
  }

  return {
    why,
    async handle(req, res, next) {
      const [path = ''] = (req.url ?? '').split('?', 1);
      const query = (req.url ?? '').slice(path.length + 1);
      if (!path.startsWith('/_safelight/') || (req.method !== 'GET' && req.method !== 'HEAD')) return next();
      const json = await answer(req, path.slice('/_safelight/'.length), new URLSearchParams(query));
      if (json === undefined) return next();
      writeJson(req, res, json);
    },
  };
}

/** What a page needs to build URLs; everything else is for the owner of the key. */
function publicPart({ publicId, resourceType, version, format, width, height, bytes }: Original): object {
  return { public_id: publicId, resource_type: resourceType, type: 'upload', version, format, width, height, bytes };
}

interface JsonAnswer {
  readonly status: number;
  readonly body: object;
}

function problem(status: number, message: string): JsonAnswer {
  return { status, body: { error: { message } } };
}

function writeJson(req: IncomingMessage, res: ServerResponse, { status, body }: JsonAnswer): void {
  const text = `${JSON.stringify(body)}\n`;
  res.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'Access-Control-Allow-Origin': '*',
  });
  res.end(req.method === 'HEAD' ? undefined : text);
}

function isAdministrator(req: IncomingMessage, { apiKey, apiSecret }: Cloud): boolean {
  if (apiKey === undefined || apiSecret === undefined) return false;
  const given = Buffer.from(req.headers.authorization ?? '');
  const expected = Buffer.from(`Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString('base64')}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Path and query of a URL, whichever host it names. */
function pathIn(url: string): string {
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(url);
  const rest = absolute === null ? url : url.slice(absolute[0].length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
