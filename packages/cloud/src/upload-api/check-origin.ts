import { ApiError } from './api-error.ts';
import type { ApiContext } from './upload-api-options.ts';

/**
 * A browser adds Basic credentials that it knows to the form of any page. The page of such a form has an origin.
 *
 * @throws {ApiError} 403
 */
export function checkOrigin(origin: string | undefined, { basicOrigins }: Pick<ApiContext, 'basicOrigins'>): void {
  if (origin === undefined || basicOrigins.has(origin)) return;
  throw new ApiError(
    403,
    `Basic authorization from the page ${JSON.stringify(origin.slice(0, 100))} is not accepted. Sign the call, or allow the origin with the option basicOrigins.`,
  );
}
