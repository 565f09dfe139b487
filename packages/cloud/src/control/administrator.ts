import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export interface AdministratorKey {
  readonly apiKey: string | undefined;
  readonly apiSecret: string | undefined;
}

/** Whether a request carries the cloud's key and secret. */
export function isAdministrator(req: IncomingMessage, { apiKey, apiSecret }: AdministratorKey): boolean {
  if (apiKey === undefined || apiSecret === undefined) return false;
  const given = Buffer.from(req.headers.authorization ?? '');
  const expected = Buffer.from(`Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString('base64')}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
