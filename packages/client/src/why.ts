import { type Diagnosis, isDiagnosis } from '@safelight/protocol';
import { readObject } from './asset-answer.ts';
import { type CallOptions, type ConnectionOptions, createHttp, getJson, type Http } from './http.ts';
import { SafelightError } from './safelight-error.ts';

/**
 * Explains a delivery URL: what it would answer and why, who holds an error and for how long, what to do. Asks the
 * control route, never the URL itself, so asking has no side effect.
 * @param url absolute, or a path on the endpoint
 * @throws {SafelightError} `rejected`, `network` or `protocol`
 */
export function why(connection: ConnectionOptions, url: string | URL, call?: CallOptions): Promise<Diagnosis> {
  return diagnose(createHttp(connection), url, call);
}

export async function diagnose(http: Http, url: string | URL, call: CallOptions = {}): Promise<Diagnosis> {
  const path = '/_safelight/why';
  const asked = http.url(`${path}?url=${encodeURIComponent(String(url))}`);
  const from = `GET ${path}`;
  const answer = readObject(await getJson(http, asked, call), from);
  if (!isDiagnosis(answer)) {
    throw new SafelightError(
      'protocol',
      `${from} answered JSON that is no diagnosis (or one with a verdict that this version does not know).`,
    );
  }
  return answer;
}
