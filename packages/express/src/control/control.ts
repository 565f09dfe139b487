import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Guard, GuardOptions, Target } from '@safelight/core';
import type { Diagnosis } from '@safelight/protocol';
import type { Cloud } from '../cloud.ts';
import type { Next } from '../run-handler.ts';
import { isAdministrator } from './administrator.ts';
import { assetStatus } from './asset-status.ts';
import { type ControlAnswer, problem, writeControlAnswer, writeControlPreflight } from './control-answer.ts';
import { diagnose } from './diagnose.ts';
import type { DiagnosisFacts } from './diagnosis-facts.ts';
import { type TokenRate, takeToken } from './token-bucket.ts';

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
  /** Of strangers' questions why. */
  readonly whyRate: TokenRate;
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
const controlUrl = /^\/_safelight\/(why|assets\/[^?]*)(?:\?(.*))?$/s;

/** The routes below `/_safelight/`. They only read: nothing is run, remembered, prolonged or asked of a handler. */
export function createControl(parts: ControlParts): Control {
  const { guard, clock, clouds, failedTarget, ladders, placeholder, whyRate } = parts;
  let bucket = { tokens: whyRate.burst, countedAt: clock() };

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

  async function answerWhy(req: IncomingMessage, query: URLSearchParams): Promise<ControlAnswer> {
    const url = query.get('url');
    if (url === null || url === '') return problem(400, 'Give the URL to explain: /_safelight/why?url=…');
    if (Buffer.byteLength(url) > MOST_URL_BYTES) return problem(414, `The URL is longer than ${MOST_URL_BYTES} bytes.`);
    const isKnown = clouds.some((cloud) => isAdministrator(req, cloud));
    if (!isKnown) {
      // Each answer may read the disk twice, and anybody may ask.
      const taken = takeToken(bucket, clock(), whyRate);
      bucket = taken.bucket;
      const retryAfter = Math.ceil(taken.waitMs / 1000);
      if (taken.waitMs > 0) {
        return { ...problem(429, `Too many questions at once. Ask again in ${retryAfter} s.`), retryAfter };
      }
    }
    const { baseUrl: mount = '' } = req as { readonly baseUrl?: string };
    return { status: 200, body: await why(url, { isAdministrator: isKnown, mount }) };
  }

  return {
    why,
    async handle(req, res, next) {
      const [, path, query] = controlUrl.exec(req.url ?? '') ?? [];
      if (path === undefined) return next();
      if (req.method === 'OPTIONS') return writeControlPreflight(res);
      if (req.method !== 'GET' && req.method !== 'HEAD') return next();
      const asked = new URLSearchParams(query);
      const answer =
        path === 'why'
          ? await answerWhy(req, asked)
          : await assetStatus(req, { path: path.slice('assets/'.length), query: asked }, parts);
      writeControlAnswer(req, res, answer);
    },
  };
}

/** Path and query of a URL, whichever host it names. */
function pathIn(url: string): string {
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(url);
  const rest = absolute === null ? url : url.slice(absolute[0].length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}
