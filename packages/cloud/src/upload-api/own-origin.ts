import type { ApiResponse } from './write-api-response.ts';

/** A response, and the origin of the URLs in it. */
export interface MadeResponse {
  readonly response: ApiResponse;
  readonly origin: string;
}

/**
 * Gives the URLs of a response the origin that its own caller has used. A repeated call gets the response of the first one,
 * and the first caller may have sent any host.
 */
export function withOwnOrigin({ response, origin }: MadeResponse, own: string): ApiResponse {
  return origin === own ? response : (readdressed(response, origin, own) as ApiResponse);
}

function readdressed(value: unknown, made: string, own: string): unknown {
  if (Array.isArray(value)) return value.map((item) => readdressed(item, made, own));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const isUrl = (name === 'url' || name === 'secure_url') && typeof member === 'string' && member.startsWith(made);
      return [name, isUrl ? own + member.slice(made.length) : readdressed(member, made, own)];
    }),
  );
}
