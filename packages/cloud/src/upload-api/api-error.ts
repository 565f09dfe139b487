/** A refusal of a call. Its status and message are sent to the caller. */
export class ApiError extends Error {
  override readonly name = 'ApiError' as const;
  readonly status: number;
  /** More response headers, with names in lower case. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
    this.headers = headers;
  }
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, message);
}

export function unauthorized(message: string): ApiError {
  return new ApiError(401, message);
}

export function notFound(message: string): ApiError {
  return new ApiError(404, message);
}

/** @param maxBytes - the largest file that is accepted */
export function tooLarge(maxBytes: number): ApiError {
  return new ApiError(413, `File size too large. At most ${maxBytes} bytes are accepted.`);
}
