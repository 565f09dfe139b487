import type { HealOptions } from '@safelight/client/image';
import type { UploadedAsset } from '@safelight/client/url';
import type { Page } from 'puppeteer-core';

interface Reuse {
  readonly img: HTMLImageElement;
  readonly states: string[];
  find(publicId: string): Promise<UploadedAsset>;
  /** Heals the one `<img>` with an asset, and adds the states to `states`. */
  show(publicId: string, options?: HealOptions): Promise<void>;
  until(state: string): Promise<void>;
  picture(): { readonly src: string | null; readonly alt: string | null; readonly width: number };
}

declare global {
  // The global of the page, for functions that run in `page.evaluate`.
  var reuse: Reuse;
}

/** Puts one `<img>` into a page, for several pictures one after the other. */
export async function openReuse(page: Page): Promise<void> {
  await page.evaluate(() => {
    const client = safelight.createClient({ endpoint: location.origin, cloudName: 'demo' });
    const img = document.body.appendChild(new Image());
    const states: string[] = [];
    globalThis.reuse = {
      img,
      states,
      async find(publicId) {
        const asset = await client.find(publicId);
        if (asset === undefined) throw new Error(`no ${publicId}`);
        return asset;
      },
      async show(publicId, options = {}) {
        const onState = (state: string): unknown => states.push(`${publicId} ${state}`);
        safelight.heal(img, await this.find(publicId), { ...options, onState });
      },
      async until(state) {
        const endsAt = Date.now() + 30_000;
        while (states.at(-1) !== state) {
          if (Date.now() > endsAt) throw new Error(`not ${state}: ${states}`);
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      },
      picture: () => ({
        src: img.getAttribute('src')?.replace(/^.*\//, '') ?? null,
        alt: img.getAttribute('alt'),
        width: img.naturalWidth,
      }),
    };
  });
}
