import { type Diagnosis, expectOptions } from '@safelight/protocol';
import { askServer } from './ask-server.ts';
import { readBrowserView } from './browser-view.ts';
import { type WhyOptions, whyOptionPatterns } from './why-options.ts';
import { withBrowser } from './with-browser.ts';

/**
 * Explains a delivery URL: its response and the reason, the cache that stores an error and for how long, and what to do.
 * It requests the server's control route and never the URL itself, so it has no side effect; for URLs of Cloudinary see
 * the options. In a page it also reads the responses that the page received and those that the browser has cached. When
 * it cannot find the reason, the verdict is `network` or `unknown`.
 *
 * After an abort it rejects with the signal's reason.
 * @throws {TypeError} when the URL is not an http(s) URL, or when an option does not exist or cannot be used
 * @example
 * const diagnosis = await why('https://pictures.example/demo/image/upload/w_300/cat.jpg', { timeoutMs: 5_000 });
 * if (diagnosis.verdict !== 'ok') console.log(formatDiagnosis(diagnosis));
 */
export async function why(url: string | URL, options: WhyOptions = {}): Promise<Diagnosis> {
  expectOptions('why()', options, whyOptionPatterns);
  const { endpoint, clock = Date.now } = options;
  const baseUrl = endpoint ?? globalThis.location?.href;
  const target = URL.canParse(url, baseUrl) ? new URL(url, baseUrl) : undefined;
  if (!target || !/^https?:/.test(target.href)) {
    throw new TypeError(`why() takes an http(s) URL, or a path and an endpoint, not ${String(url).slice(0, 100)}`);
  }
  // A password in the URL is neither sent to the server nor shown in the explanation.
  target.username = target.password = target.hash = '';
  const { cloudinary = /(^|\.)cloudinary\.com$/.test(target.hostname) } = options;
  // Before all requests, because a request may add entries to the page's list.
  const view = globalThis.location && (await readBrowserView(target.href, clock()));
  const diagnosis = cloudinary
    ? await (await import('./ask-cloudinary.ts')).askCloudinary(target, options)
    : await askServer(target, options);
  return view ? withBrowser(diagnosis, view) : diagnosis;
}
