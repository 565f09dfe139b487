import type { ClientOptions, UploadBody, UploadOptions, UploadProgress, UploadTask } from '@safelight/client';
import type { Page } from 'puppeteer-core';
import { openClientPage } from './client-page.ts';
import type { TestBrowser } from './in-browsers.ts';

export type BodyKind = 'Blob' | 'File' | 'ArrayBuffer' | 'Uint8Array';

/** The outcome of an upload, as data that can leave the page. */
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
  /** The default options of `start`; a test adds the function `sign` of its page. */
  options: Partial<ClientOptions>;
  /** The last upload, and its progress. */
  task: UploadTask;
  told: Omit<UploadProgress, 'file'>[];
  /** Loads a picture of the site as one kind of body (default: a Blob). */
  load(path: string, kind?: BodyKind): Promise<UploadBody>;
  /** The body that was loaded last. */
  loaded: UploadBody;
  /** Uploads the body that was loaded last. Without progress it is sent by `fetch`. */
  start(options?: UploadOptions, isWatched?: boolean): UploadTask;
  outcome(task?: PromiseLike<unknown>): Promise<Outcome>;
}

declare global {
  // The globals of a page that `openUploadPage` has opened.
  var sender: Sender;
}

/** Opens a page that can upload, and that records the progress of its upload. */
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
        // A file cannot leave the page.
        const onProgress = ({ file: _, ...progress }: UploadProgress) => void sender.told.push(progress);
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

/** Waits until the page's upload has reported a phase. */
export async function phaseReached(page: Page, phase: string): Promise<void> {
  await page.waitForFunction(
    (awaited) => sender.told.some((progress) => progress.phase === awaited),
    { timeout: 5_000 },
    phase,
  );
}
