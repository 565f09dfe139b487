import type { ClientOptions, UploadBody, UploadOptions, UploadProgress, UploadTask } from '@safelight/client';
import type { Page } from 'puppeteer-core';
import { openClientPage } from './client-page.ts';
import type { TestBrowser } from './in-browsers.ts';

export type BodyKind = 'Blob' | 'File' | 'ArrayBuffer' | 'Uint8Array';

/** What became of an upload, as far as it can leave the page. */
export type Outcome =
  | { readonly url: string; readonly publicId: string; readonly version: number; readonly width: number | undefined }
  | {
      readonly name: string;
      readonly message: string;
      readonly code: string | undefined;
      readonly status: number | undefined;
      readonly retryable: boolean | undefined;
      readonly retryAfterMs: number | undefined;
    };

interface Sender {
  /** What `start` is given by default; a `sign` of the page's own is put there by a test. */
  options: Partial<ClientOptions>;
  /** What was uploaded last, and what it has told. */
  task: UploadTask;
  told: UploadProgress[];
  /** A picture of the site, as one kind of body (default: a Blob). */
  load(path: string, kind?: BodyKind): Promise<UploadBody>;
  /** What was loaded last. */
  loaded: UploadBody;
  /** Uploads what was loaded last. Unwatched, it goes by `fetch`. */
  start(options?: UploadOptions, isWatched?: boolean): UploadTask;
  outcome(task?: PromiseLike<unknown>): Promise<Outcome>;
}

declare global {
  // In a page that `openUploadPage` has opened.
  var sender: Sender;
}

/** A page that can upload, and that keeps what an upload tells. */
export async function openUploadPage(browser: TestBrowser, at: { readonly origin: string }): Promise<Page> {
  const page = await openClientPage(browser, at);
  await page.evaluate(() => {
    globalThis.sender = {
      options: {},
      task: undefined as never,
      told: [],
      loaded: new Blob(),
      async load(path, kind = 'Blob') {
        const blob = await (await fetch(path)).blob();
        const kinds = {
          Blob: () => blob,
          File: () => new File([blob], 'Holiday picture.png', { type: blob.type }),
          ArrayBuffer: () => blob.arrayBuffer(),
          Uint8Array: async () => new Uint8Array(await blob.arrayBuffer()),
        };
        sender.loaded = await kinds[kind]();
        return sender.loaded;
      },
      start(options, isWatched = true) {
        const client = safelight.createClient({
          endpoint: location.origin,
          cloudName: 'demo',
          uploadPreset: 'browser',
          random: () => 0,
          ...sender.options,
        });
        sender.told = [];
        const onProgress = (progress: UploadProgress) => void sender.told.push(progress);
        sender.task = client.upload(sender.loaded, { ...(isWatched ? { onProgress } : {}), ...options });
        sender.task.catch(() => undefined);
        return sender.task;
      },
      async outcome(task = sender.task) {
        try {
          const asset = await (task as UploadTask);
          return { url: asset.url(), publicId: asset.publicId, version: asset.version, width: asset.width };
        } catch (error) {
          const { name, message, code, status, retryable, retryAfterMs } = error as Extract<Outcome, { name: string }>;
          return { name, message, code, status, retryable, retryAfterMs };
        }
      },
    };
  });
  return page;
}

/** Waits until the page's upload has told of a phase. */
export async function phaseReached(page: Page, phase: string): Promise<void> {
  await page.waitForFunction(
    (awaited) => sender.told.some((progress) => progress.phase === awaited),
    { timeout: 5_000 },
    phase,
  );
}
