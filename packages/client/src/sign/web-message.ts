import { collectBody } from './signing-body.ts';
import type { SigningResponse } from './signing-response.ts';

/**
 * Reads the JSON body of a web request, up to its limit.
 *
 * @throws {Refusal} 400 or 413
 */
export async function readWebBody(request: Request): Promise<unknown> {
  const body = collectBody();
  const reader = request.body?.getReader();
  try {
    for (let read = await reader?.read(); read?.done === false; read = await reader?.read()) body.add(read.value);
  } catch (error) {
    reader?.cancel().catch(() => {});
    throw error;
  }
  return body.value();
}

export function webResponse({ status, headers, body }: SigningResponse): Response {
  return new Response(body, { status, headers });
}
