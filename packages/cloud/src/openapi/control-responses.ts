import { type ApiResponses, type Verdict, verdicts } from '@safelight/protocol';
import { z } from 'zod';
import { assetShape, loose, publicShape } from './asset-schemas.ts';

type ControlResponses = Pick<ApiResponses, 'why' | 'asset_status' | 'received_parts' | 'openapi'>;

const text = z.string();
const ms = z.number().nullable();
const upTo = loose({ maxMs: z.number() });

/** The responses of the control routes. */
export function controlResponses(): { readonly [Name in keyof ControlResponses]: z.ZodType<ControlResponses[Name]> } {
  const { type: _type, ...asset } = assetShape;
  return {
    why: diagnosis(),
    asset_status: z.union([
      z.object({ exists: z.literal(false), ...loose({ pending: z.literal(true) }) }),
      z.object({ exists: z.literal(true), ...loose({ ...asset, etag: text }), ...publicShape }),
    ]),
    received_parts: z.object({
      received: z.array(z.object({ start: z.int(), end: z.int() })),
      total: z.int().nullable(),
    }),
    openapi: z.record(text, z.unknown()),
  };
}

function diagnosis(): z.ZodType<ApiResponses['why']> {
  return z.object({
    url: text,
    status: z.int().nullable(),
    verdict: z.enum(Object.keys(verdicts) as Verdict[]),
    cached: z.boolean(),
    remainingMs: ms,
    ...upTo,
    layers: z.array(
      z.object({
        name: z.enum(['browser', 'edge', 'server']),
        state: z.enum(['hit', 'miss', 'unknown']),
        remainingMs: ms,
        ...upTo,
      }),
    ),
    original: z.object({
      exists: z.boolean().nullable(),
      ...loose({ version: z.int(), format: text, width: z.int(), height: z.int() }),
    }),
    fixes: z.array(z.object({ label: text, ...loose({ url: text }) })),
    evidence: z.record(text, text),
    ...loose({
      summary: text,
      attempt: z.int(),
      windowMs: z.number(),
      nextTtlMs: z.number(),
      requestId: text,
      transformation: text,
      mistake: z.object({ text, at: z.int(), piece: text, ...loose({ suggestion: text }) }),
      warnings: z.array(text),
    }),
  });
}
