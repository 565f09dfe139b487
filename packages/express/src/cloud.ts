import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import {
  type AssetId,
  createAnswerMemo,
  type Derivatives,
  type Fault,
  type FormatBucket,
  failureAnswer,
  type Guard,
  type Handler,
  type HandlerLimits,
  type Originals,
  type Outcome,
  type PlaceholderImage,
  run,
  type Target,
} from '@safelight/core';
import { cacheTags, type Delivery, type DeliveryPathLimits } from '@safelight/protocol';
import { alone } from './alone.ts';
import { originOf } from './api/delivery-origin.ts';
import { uploadApi } from './api/upload-api.ts';
import type { UploadPreset } from './api/upload-preset.ts';
import { createDeliver, type Delivered } from './deliver.ts';
import { type DerivativeAnswerOptions, writeKept, writeMade } from './derivative-answer.ts';
import { assetKey, type Identified, identify, pathOf } from './identify.ts';
import { putDerivativeAway } from './keep/kept-derivative.ts';
import { createPlaceholders } from './placeholders.ts';
import type { Next, RequestHandler } from './run-handler.ts';
import { wants } from './wants.ts';
import { writeAnswer } from './write-answer.ts';

export interface CloudOptions {
  /** Where uploads go and originals come from. */
  readonly originals: Originals;
  /** Makes derivatives. */
  readonly handler: Handler;
  /** Key and secret for signed uploads and signed URLs; give both or neither. */
  readonly apiKey?: string;
  readonly apiSecret?: string;
  /** Presets that anybody may upload with: names, or names with the settings they fix. @default none */
  readonly uploadPresets?: readonly string[] | Readonly<Record<string, UploadPreset>>;
  /** @default 100_000_000 */
  readonly maxUploadBytes?: number;
  /** Longest URLs and public IDs. @default 2048 bytes, 255 characters */
  readonly urlLimits?: DeliveryPathLimits;
  /** @default 100 megapixels in, 25 megapixels out */
  readonly limits?: Partial<HandlerLimits>;
  /** Whether derivatives are kept until their original changes. @default true */
  readonly keep?: boolean;
  /** Scheme and host that uploads name in their URLs, e.g. behind a proxy. @default what the request says */
  readonly deliveryOrigin?: (req: IncomingMessage) => string;
}

export interface CloudParts {
  readonly guard: Guard;
  readonly clock: () => number;
  readonly placeholder: PlaceholderImage | undefined;
  readonly placeholderStatus: number | undefined;
  readonly timeoutMs: number;
  readonly derivatives: Derivatives;
  readonly onError: (error: unknown) => void;
}

export interface Cloud {
  readonly name: string;
  readonly apiKey: string | undefined;
  readonly apiSecret: string | undefined;
  readonly originals: Originals;
  readonly deliveryOrigin: (req: IncomingMessage) => string;
  readonly identify: (path: string, accept: string | undefined) => Identified;
  readonly handle: RequestHandler;
}

/** Delivery URLs and the upload API of one cloud name. */
export function createCloud(parts: CloudParts, name: string, options: CloudOptions): Cloud {
  const { guard, clock, placeholderStatus, onError, timeoutMs, derivatives } = parts;
  const { originals, handler, apiKey, apiSecret, keep: isKept = true } = options;
  const keeping = { derivatives, clock, idleMs: timeoutMs };
  const limits: HandlerLimits = { maxInputPixels: 100_000_000, maxOutputPixels: 25_000_000, ...options.limits };
  const answerFor = createAnswerMemo();
  const deliver = createDeliver({ originals, handler, limits });
  const placeholderFor = createPlaceholders({
    image: parts.placeholder,
    originals,
    handler,
    limits,
    timeoutMs,
    onError,
  });
  const settings = { ...options.urlLimits, cloudName: name, apiSecret, isKept };
  const identifyHere = (path: string, accept: string | undefined) => identify(path, accept, settings);

  const api = uploadApi({
    ...options,
    cloudName: name,
    clock,
    onError,
    changed: (asset: AssetId) => guard.changed(assetKey(name, asset)),
    derive: async (delivery) => {
      const end = await run((attempt) => deliver(delivery, undefined, attempt), alone, timeoutMs);
      if (end.kind === 'made') return end.value.derivative;
      throw end.kind === 'fault' ? end.error : new Error('The run was given up.');
    },
  });

  async function handle(req: IncomingMessage, res: ServerResponse, next: Next): Promise<void> {
    if (await api(req, res)) return;
    if (req.method !== 'GET' && req.method !== 'HEAD') return next();
    const identified = identifyHere(pathOf(req), req.headers.accept);
    if (identified.kind === 'foreign') return next();
    if (identified.kind === 'refused') return refuse(req, res, identified.fault);
    await answer(req, res, identified);
  }

  async function answer(
    req: IncomingMessage,
    res: ServerResponse,
    { delivery, bucket, target }: Extract<Identified, { kind: 'delivery' }>,
  ): Promise<void> {
    const isPrivate = req.headers.authorization !== undefined;
    let reader: Readable | undefined;
    const isShareable = ({ derivative, draft }: Delivered): boolean => {
      reader = draft?.read();
      return reader !== undefined || derivative.read !== undefined || Buffer.isBuffer(derivative.body);
    };
    const outcome = isPrivate
      ? await unguarded(delivery, bucket)
      : await guarded(delivery, bucket, target, isShareable);
    if (outcome.kind === 'left') return;
    const tags = cacheTags(delivery);
    if (outcome.kind === 'made' || outcome.kind === 'kept') {
      const pinned = delivery.version !== undefined;
      const about: DerivativeAnswerOptions = { pinned, negotiated: bucket !== undefined, isKept, isPrivate, tags, onError };
      return outcome.kind === 'kept' ? writeKept(req, res, outcome, about) : writeMade(req, res, outcome, { ...about, reader });
    }
    // Nobody else hears of a crash or a hang that is answered here; whoever waited for it would only repeat it.
    if (outcome.kind === 'failed' && outcome.source === 'run' && outcome.fault.class === 'passing') {
      onError(outcome.error);
    }
    const asked = wants(req);
    const isPicture = outcome.kind === 'failed' && asked !== 'json';
    const placeholder = isPicture ? await placeholderFor(delivery, bucket, target.derivation) : undefined;
    const vary = bucket === undefined ? undefined : 'Accept';
    writeAnswer(req, res, answerFor({ outcome, wants: asked, placeholder, placeholderStatus, tags: () => tags, vary }));
  }

  function guarded(
    delivery: Delivery,
    bucket: FormatBucket | undefined,
    target: Target,
    isShareable: (delivered: Delivered) => boolean,
  ): Outcome<Delivered> | Promise<Outcome<Delivered>> {
    return guard.handle({
      target,
      work: (attempt) => deliver(delivery, bucket, attempt),
      isShareable,
      checksSuccess: true,
      putAway: (delivered, attempt) => putDerivativeAway(delivered, attempt, keeping),
    });
  }

  /** For one client's own request: neither held nor shared. */
  async function unguarded(delivery: Delivery, bucket: FormatBucket | undefined): Promise<Outcome<Delivered>> {
    const end = await run((attempt) => deliver(delivery, bucket, attempt), alone, timeoutMs);
    if (end.kind === 'made') return { ...end, joined: false, storable: false };
    return end.kind === 'fault' ? unheld(end.fault, end.error) : { kind: 'left' };
  }

  function refuse(req: IncomingMessage, res: ServerResponse, fault: Fault): void {
    writeAnswer(req, res, failureAnswer({ outcome: unheld(fault), wants: wants(req), tags: () => [] }));
  }

  const { deliveryOrigin = originOf } = options;
  return { name, apiKey, apiSecret, originals, deliveryOrigin, identify: identifyHere, handle };
}

function unheld(fault: Fault, error?: unknown): Extract<Outcome<never>, { kind: 'failed' }> {
  return { kind: 'failed', fault, failure: undefined, source: 'run', remainingMs: 0, storable: false, error };
}
