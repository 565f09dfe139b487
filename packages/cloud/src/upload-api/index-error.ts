import { ApiError } from './api-error.ts';

/**
 * The response to an error of the index of assets: it cannot be written now, or a search took too long.
 *
 * @returns `undefined` for every other error
 */
export function indexError(error: unknown): ApiError | undefined {
  if (!(error instanceof Error)) return undefined;
  // Compared by name, because the application may have two copies of `@safelight/core`.
  switch (error.name) {
    case 'IndexUnavailableError':
      return new ApiError(
        503,
        'The index of assets cannot be written now. Nothing was changed. Repeat the call in 5 s.',
        {
          'retry-after': '5',
        },
      );
    case 'SearchTooLongError':
      return new ApiError(400, error.message);
    default:
      return undefined;
  }
}
