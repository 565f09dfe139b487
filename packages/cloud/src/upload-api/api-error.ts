/** A refusal that the caller is told about: status and message are what goes on the wire. */
export class ApiError extends Error {
  override readonly name = 'ApiError' as const;
  readonly status: number;
  /** Extra response headers, lower-case names. */
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

/** @param maxBytes - the largest file that is taken */
export function tooLarge(maxBytes: number): ApiError {
  return new ApiError(413, `File size too large. At most ${maxBytes} bytes are accepted.`);
}
