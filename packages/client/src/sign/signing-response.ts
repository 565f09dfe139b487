import type { ApiErrorBody } from '@safelight/protocol';
import type { UploadSignature } from '../upload/upload-options.ts';
import type { Refusal } from './refusal.ts';

export interface SigningResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
}

const everyHeader = { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' };

export function signatureResponse(signature: UploadSignature): SigningResponse {
  return { status: 200, headers: everyHeader, body: JSON.stringify(signature) };
}

export function refusalResponse({ status, message }: Refusal): SigningResponse {
  const body: ApiErrorBody = { error: { message } };
  return {
    status,
    headers: status === 405 ? { ...everyHeader, Allow: 'POST' } : everyHeader,
    body: JSON.stringify(body),
  };
}
