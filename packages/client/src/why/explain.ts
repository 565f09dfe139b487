import { type Diagnosis, expectOptions } from '@safelight/protocol';
import { askServer } from './ask-server.ts';
import { lookIntoBrowser } from './browser-view.ts';
import { type WhyOptions, whyOptionPatterns } from './why-options.ts';
import { withBrowser } from './with-browser.ts';

/**
 * Explains a delivery URL: which response it gets and why, which cache holds an error and for how long, and what to do.
 * It requests the server's control route and never the URL itself, so it has no side effect. In a page it also reads
 * the responses that the page got and those that the browser has cached. When the reason cannot be found, that is a
 * verdict too: `network` or `unknown`.
 *
 * Rejects with the signal's reason only.
 * @throws {TypeError} when the URL is not one of http(s), or an option does not exist or cannot be used
 */
export async function why(url: string | URL, options: WhyOptions = {}): Promise<Diagnosis> {
  expectOptions('why()', options, whyOptionPatterns);
  const { endpoint, clock = Date.now } = options;
  const base = endpoint ?? globalThis.location?.href;
  const asked = URL.canParse(url, base) ? new URL(url, base) : undefined;
  if (!asked || !/^https?:/.test(asked.href)) {
    throw new TypeError(`why() takes an http(s) URL, or a path and an endpoint, not ${String(url).slice(0, 100)}`);
  }
  // A password in the URL is neither sent to the server nor shown in the explanation.
  asked.username = asked.password = asked.hash = '';
  const { cloudinary = /(^|\.)cloudinary\.com$/.test(asked.hostname) } = options;
  // First, since each request may add entries there.
  const view = globalThis.location && (await lookIntoBrowser(asked.href, clock()));
  const diagnosis = cloudinary
    ? await (await import('./ask-cloudinary.ts')).askCloudinary(asked, options)
    : await askServer(asked, options);
  return view ? withBrowser(diagnosis, view) : diagnosis;
}
