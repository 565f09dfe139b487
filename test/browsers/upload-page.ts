import type { ClientOptions, UploadOptions, UploadProgress, UploadTask } from '@safelight/client';
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

interface UploadFloor {
  /** What `start` is given by default; a `sign` of the page's own is put there by a test. */
  options: Partial<ClientOptions>;
  /** What was uploaded last, and what it has told. */
  task: UploadTask;
  told: UploadProgress[];
  /** Of the page: a picture that the site serves, as one kind of body. */
  load(path: string, kind?: BodyKind): Promise<Blob | ArrayBuffer | Uint8Array<ArrayBuffer>>;
  start(body: Blob | ArrayBuffer | Uint8Array<ArrayBuffer>, options?: UploadOptions): UploadTask;
  outcome(task?: PromiseLike<unknown>): Promise<Outcome>;
}

declare global {
  // In a page that `openUploadPage` has opened.
  var floor: UploadFloor;
}

/** A page that can upload, and that keeps what an upload tells. */
export async function openUploadPage(browser: TestBrowser, at: { readonly origin: string }): Promise<Page> {
  const page = await openClientPage(browser, at);
  await page.evaluate(() => {
    globalThis.floor = {
      options: {},
      task: undefined as never,
      told: [],
      async load(path, kind = 'Blob') {
        const blob = await (await fetch(path)).blob();
        if (kind === 'Blob') return blob;
        if (kind === 'File') return new File([blob], 'Holiday picture.png', { type: blob.type });
        const buffer = await blob.arrayBuffer();
        return kind === 'ArrayBuffer' ? buffer : new Uint8Array(buffer);
      },
      start(body, options) {
        const client = safelight.createClient({
          endpoint: location.origin,
          cloudName: 'demo',
          uploadPreset: 'browser',
          random: () => 0,
          ...floor.options,
        });
        floor.told = [];
        floor.task = client.upload(body, { onProgress: (progress) => floor.told.push(progress), ...options });
        floor.task.catch(() => undefined);
        return floor.task;
      },
      async outcome(task = floor.task) {
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
    (awaited) => floor.told.some((progress) => progress.phase === awaited),
    { timeout: 5_000 },
    phase,
  );
}
