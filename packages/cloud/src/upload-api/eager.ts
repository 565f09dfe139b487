import { Readable } from 'node:stream';
import { type Derivative, type OriginalRecord, TransformError } from '@safelight/core';
import {
  type Delivery,
  type EagerDerivation,
  formatTransformation,
  parseTransformation,
  type Transformation,
} from '@safelight/protocol';
import { badRequest } from './api-error.ts';
import { deliveryLinks, originalDelivery, type ResponseSettings } from './describe-asset.ts';
import type { ApiContext } from './upload-api-options.ts';

/** A derivation that is to be made right away. */
export interface EagerWish {
  readonly transformation: Transformation;
  /** What `d_` names in it. */
  readonly placeholder: string | undefined;
  /** Of the delivery URL; `undefined` keeps the original's. */
  readonly extension: string | undefined;
}

const maxWishes = 20;

/**
 * Reads an `eager` parameter: transformations between `|`, each with its format behind a last slash
 * (`c_fill,w_200/jpg`) or without.
 *
 * @throws {ApiError} 400 naming what cannot be read, before anything is stored
 */
export function parseEager(texts: readonly string[]): readonly EagerWish[] {
  if (texts.length > maxWishes) throw badRequest(`Too many eager transformations. At most ${maxWishes} are accepted.`);
  return texts.map((text) => {
    const extension = /\/([A-Za-z0-9]{2,5})\/?$/.exec(text)?.[1];
    const parsed = parseTransformation(
      extension === undefined ? text : text.slice(0, text.lastIndexOf(`/${extension}`)),
    );
    if (!parsed.ok) throw badRequest(`Invalid value for parameter eager. ${parsed.message}`);
    const { transformation, placeholder } = parsed;
    return { transformation, placeholder, extension: extension?.toLowerCase() };
  });
}

export interface EagerOptions {
  /** Whether the derivations are made after the answer. @default false */
  readonly isAsync: boolean | undefined;
  readonly context: ApiContext;
  readonly settings: ResponseSettings;
}

/**
 * Makes the derivations (one after the other) and tells of each how it went: the original is published already, so one
 * that fails does not fail the call.
 */
export async function eagerResponse(
  record: OriginalRecord,
  wishes: readonly EagerWish[],
  { isAsync, context, settings }: EagerOptions,
): Promise<{ readonly eager?: readonly EagerDerivation[] }> {
  if (wishes.length === 0) return {};
  const planned = wishes.map((wish) => plan(record, wish, settings));
  const made = makeInTurn(planned, context);
  if (isAsync) return { eager: planned.map(({ response }) => ({ status: 'processing', ...response })) };
  return { eager: await made };
}

interface PlannedWish {
  readonly delivery: Delivery;
  readonly response: EagerDerivation;
}

function plan(record: OriginalRecord, wish: EagerWish, settings: ResponseSettings): PlannedWish {
  const original = originalDelivery(record, settings.cloudName);
  const delivery = { ...original, ...wish, extension: wish.extension ?? original.extension };
  const transformation = formatTransformation(wish.transformation);
  return { delivery, response: { transformation, ...deliveryLinks(delivery, settings.origin) } };
}

/** Never rejects. */
async function makeInTurn(planned: readonly PlannedWish[], context: ApiContext): Promise<readonly EagerDerivation[]> {
  const responses: EagerDerivation[] = [];
  for (const { delivery, response } of planned) {
    try {
      const { width, height, format, body } = await context.derive(delivery);
      responses.push({ ...response, width, height, bytes: await bodyLength(body), format });
    } catch (error) {
      context.onError(error);
      responses.push({
        ...response,
        status: 'failed',
        reason: TransformError.is(error) ? error.message : 'It failed here',
      });
    }
  }
  return responses;
}

async function bodyLength(body: Derivative['body']): Promise<number> {
  if (!(body instanceof Readable)) return body.length;
  let bytes = 0;
  for await (const chunk of body) bytes += (chunk as Buffer).length;
  return bytes;
}
