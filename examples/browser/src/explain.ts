import { client } from './client.ts';
import { elementById } from './element-by-id.ts';

/** Explains the response of a URL without a request for the URL. */
export async function explain(url: string): Promise<void> {
  elementById('url', HTMLInputElement).value = url;
  // Loaded on demand, because most visitors never need it.
  const { formatDiagnosis } = await import('@safelight/client/why');
  const explanation = elementById('explanation', HTMLOutputElement);
  explanation.textContent = formatDiagnosis(await client.why(url));
  explanation.hidden = false;
  explanation.scrollIntoView({ block: 'nearest' });
  explanation.focus();
}
