import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Cloud } from '../cloud.ts';

/** Whether a request is sent by whoever has the cloud's key and secret. */
export function isAdministrator(req: IncomingMessage, { apiKey, apiSecret }: Cloud): boolean {
  if (apiKey === undefined || apiSecret === undefined) return false;
  const given = Buffer.from(req.headers.authorization ?? '');
  const expected = Buffer.from(`Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString('base64')}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
