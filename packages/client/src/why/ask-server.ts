import { type ApiErrorBody, type ApiPath, type Diagnosis, isDiagnosis } from '@safelight/protocol';
import { bareDiagnosis } from './bare-diagnosis.ts';
import { question } from './question.ts';
import type { WhyOptions } from './why-options.ts';

/** Asks the control route of a Safelight server. */
export async function askServer({ origin, href }: URL, options: WhyOptions): Promise<Diagnosis> {
  const { endpoint = origin, headers, fetch: ask = fetch } = options;
  const base = String(endpoint).replace(/\/+$/, '');
  const path: ApiPath<'why'> = `/_safelight/why?url=${encodeURIComponent(href)}`;
  const told = await question(async (signal) => {
    const init = { headers: (await headers?.()) ?? {}, signal };
    const response = await ask(base + path, init);
    // A body that is not JSON is not a diagnosis, unless it broke off because the caller has aborted.
    const said = (await response.json().catch(() => signal.throwIfAborted())) as
      | Partial<ApiErrorBody>
      | null
      | undefined;
    return { status: response.status, said };
  }, options);
  if (typeof told === 'object' && isDiagnosis(told.said)) return told.said;
  const [verdict, words] =
    typeof told === 'string'
      ? (['network', told] as const)
      : (['unknown', `${told.status} ${told.said?.error?.message ?? ''}`] as const);
  return bareDiagnosis(href, verdict, `No diagnosis from ${base}/_safelight/why: ${words}`.trimEnd(), {
    fixes: [{ label: 'Mount safelight.control() there, give the endpoint, or say cloudinary' }],
  });
}
