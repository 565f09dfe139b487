import { type ApiErrorBody, type ApiPath, type Diagnosis, isDiagnosis } from '@safelight/protocol';
import { bareDiagnosis } from './bare-diagnosis.ts';
import { requestOrReason } from './request-or-reason.ts';
import type { WhyOptions } from './why-options.ts';

/** Requests the diagnosis from the control route of a Safelight server. */
export async function askServer({ origin, href }: URL, options: WhyOptions): Promise<Diagnosis> {
  const { endpoint = origin, headers, fetch: send = fetch } = options;
  const base = String(endpoint).replace(/\/+$/, '');
  const path: ApiPath<'why'> = `/_safelight/why?url=${encodeURIComponent(href)}`;
  const result = await requestOrReason(async (signal) => {
    const init = { headers: (await headers?.()) ?? {}, signal };
    const response = await send(base + path, init);
    // A body that is not JSON is not a diagnosis; but after an abort the reading fails with any body.
    const body = (await response.json().catch(() => signal.throwIfAborted())) as
      | Partial<ApiErrorBody>
      | null
      | undefined;
    return { status: response.status, body };
  }, options);
  if (typeof result === 'object' && isDiagnosis(result.body)) return result.body;
  const [verdict, reason] =
    typeof result === 'string'
      ? (['network', result] as const)
      : (['unknown', `${result.status} ${result.body?.error?.message ?? ''}`] as const);
  return bareDiagnosis(href, verdict, `No diagnosis from ${base}/_safelight/why: ${reason}`.trimEnd(), {
    fixes: [{ label: 'Mount safelight.control() there, or set the option endpoint or cloudinary' }],
  });
}
