import { Refusal } from './refusal.ts';
import { collectBody, maxBodyBytes, tooLarge } from './signing-body.ts';
import type { SigningResponse } from './signing-response.ts';

/** The members that this entry uses of a request of `node:http` or Express. */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Whether the body has been read to its end. */
  readonly readableEnded: boolean;
  readonly destroyed: boolean;
  on(event: string, listener: (value: Uint8Array | string) => void): unknown;
}

/** The members that this entry uses of a response of `node:http` or Express. */
export interface NodeResponse {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
}

/**
 * Reads the JSON body, or takes the result of a body parser: an object, or the JSON as text or bytes.
 *
 * @throws {Refusal} 400 or 413
 */
export async function readNodeBody(request: NodeRequest): Promise<unknown> {
  const value = request.readableEnded ? undefined : await readStream(request);
  // Parsers of Express 4 set `body` to {} also when they have not read it, so the body that was read comes first.
  return value === undefined ? parsedBody(request) : value;
}

function readStream(request: NodeRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const body = collectBody();
    const endEarly = (): void => reject(new Refusal(400, 'The request ended before its body was complete.'));
    if (request.destroyed) endEarly();
    request.on('data', (piece) => {
      // After a refusal the rest is read and dropped, so that a client that still sends can read the response.
      try {
        body.add(piece);
      } catch (refusal) {
        reject(refusal);
      }
    });
    request.on('end', () => {
      try {
        resolve(body.value());
      } catch (refusal) {
        reject(refusal);
      }
    });
    request.on('error', endEarly);
    request.on('close', endEarly);
  });
}

function parsedBody({ body }: NodeRequest & { readonly body?: unknown }): unknown {
  if (typeof body === 'string' || body instanceof Uint8Array) {
    const collected = collectBody();
    collected.add(body);
    return collected.value();
  }
  if (JSON.stringify(body ?? '').length > maxBodyBytes) throw tooLarge();
  return body;
}

export function writeNodeResponse(response: NodeResponse, { status, headers, body }: SigningResponse): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(body);
}
