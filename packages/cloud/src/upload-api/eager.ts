import { Readable } from 'node:stream';
import { type Derivative, type OriginalRecord, TransformError } from '@safelight/core';
import {
  type Delivery,
  type EagerDerivative,
  extensionProblem,
  formatTransformation,
  parseTransformation,
  type Transformation,
  type TransformationOptions,
} from '@safelight/protocol';
import { badRequest } from './api-error.ts';
import { deliveryLinks, originalDelivery, type ResponseSettings } from './describe-asset.ts';
import type { ApiContext } from './upload-api-options.ts';

/** A derivation that is made right after the upload. */
export interface EagerDerivation {
  readonly transformation: Transformation;
  /** The placeholder that `d_` names. */
  readonly placeholder: string | undefined;
  /** The extension of the delivery URL. @default the original's */
  readonly extension: string | undefined;
}

const maxDerivations = 20;

/**
 * Reads the transformations of an `eager` parameter. Each may end with a slash and its format: `c_fill,w_200/jpg`.
 *
 * @param options.named - the transformations that `t_` can name
 * @throws {ApiError} 400 with the transformation that cannot be read, or the format that is not offered
 */
export function parseEager(texts: readonly string[], options: TransformationOptions = {}): readonly EagerDerivation[] {
  return readEager(texts, options).map((read) => {
    if (isReadable(read)) return read;
    throw badRequest(`Invalid value for parameter eager. ${read.fault}`);
  });
}

/** A transformation that cannot be read, and why. */
export interface UnreadableEager {
  readonly text: string;
  readonly fault: string;
}

/**
 * Reads the transformations of an `eager` parameter, also when some cannot be read.
 *
 * @throws {ApiError} 400 when there are too many
 */
export function readEager(
  texts: readonly string[],
  options: TransformationOptions,
): readonly (EagerDerivation | UnreadableEager)[] {
  if (texts.length > maxDerivations) {
    throw badRequest(`Too many eager transformations. At most ${maxDerivations} are accepted.`);
  }
  return texts.map((text) => {
    const extension = /\/([A-Za-z0-9]{2,5})\/?$/.exec(text)?.[1];
    const parsed = parseTransformation(
      extension === undefined ? text : text.slice(0, text.lastIndexOf(`/${extension}`)),
      options,
    );
    const problem = extensionProblem(extension?.toLowerCase());
    if (problem !== undefined) return { text, fault: problem.message };
    if (!parsed.ok) return { text, fault: parsed.message };
    const { transformation, placeholder } = parsed;
    return { transformation, placeholder, extension: extension?.toLowerCase() };
  });
}

export function isReadable(read: EagerDerivation | UnreadableEager): read is EagerDerivation {
  return !('fault' in read);
}

/** The entry of the response for a transformation that cannot be read. */
export function unreadableResponse({ text, fault }: UnreadableEager): EagerDerivative {
  return { status: 'failed', reason: fault, transformation: text.slice(0, 1_024), url: '', secure_url: '' };
}

export interface EagerOptions {
  /** Whether the response is sent before the derivatives are made. @default false */
  readonly isAsync: boolean | undefined;
  readonly context: ApiContext;
  readonly settings: ResponseSettings;
}

/**
 * Makes the derivatives, one after the other, and returns the result of each. The original is already published, so a
 * derivative that fails does not fail the call.
 */
export async function eagerResponse(
  record: OriginalRecord,
  derivations: readonly EagerDerivation[],
  { isAsync, context, settings }: EagerOptions,
): Promise<{ readonly eager?: readonly EagerDerivative[] }> {
  if (derivations.length === 0) return {};
  const planned = derivations.map((derivation) => plan(record, derivation, settings));
  const made = makeInTurn(planned, context);
  if (isAsync) return { eager: planned.map(({ response }) => ({ status: 'processing', ...response })) };
  return { eager: await made };
}

interface PlannedDerivation {
  readonly delivery: Delivery;
  readonly response: EagerDerivative;
}

function plan(record: OriginalRecord, derivation: EagerDerivation, settings: ResponseSettings): PlannedDerivation {
  const original = originalDelivery(record, settings.cloudName);
  const delivery = { ...original, ...derivation, extension: derivation.extension ?? original.extension };
  const transformation = formatTransformation(derivation.transformation);
  return { delivery, response: { transformation, ...deliveryLinks(delivery, settings.origin) } };
}

/** Never rejects. */
async function makeInTurn(
  planned: readonly PlannedDerivation[],
  context: ApiContext,
): Promise<readonly EagerDerivative[]> {
  const responses: EagerDerivative[] = [];
  for (const { delivery, response } of planned) {
    try {
      const { width, height, format, body } = await context.derive(delivery);
      responses.push({ ...response, width, height, bytes: await bodyLength(body), format });
    } catch (error) {
      context.onError(error);
      responses.push({
        ...response,
        status: 'failed',
        reason: TransformError.is(error) ? error.message : 'The server could not make it',
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
