import type { Page } from 'puppeteer-core';

/** The states that a picture reported, and its appearance. */
export interface Told {
  readonly state: string;
  readonly code?: string;
  readonly retryInMs?: number;
  readonly error?: string;
  readonly width: number;
}

export interface HealingCase {
  readonly publicId: string;
  /** The endpoint of the client. Default: the page's own origin. */
  readonly endpoint?: string;
  readonly options?: { readonly transformation?: object; readonly maxWaitMs?: number };
  /** Options of `imgAttrs`, instead of one size. */
  readonly attrs?: object;
  /** HTML that the page has before, in which `URL` stands for the picture's URL. Without it, the `<img>` is new. */
  readonly html?: string;
  /** Waits until the picture in that HTML has failed before it is healed. */
  readonly isBroken?: boolean;
}

/** Heals an `<img>` of the page; `cases[publicId]` has its reports. */
export async function startHealing(page: Page, healing: HealingCase): Promise<void> {
  await page.evaluate(async ({ publicId, endpoint = location.origin, options = {}, attrs, html, isBroken }) => {
    const asset = await safelight.createClient({ endpoint, cloudName: 'demo' }).find(publicId);
    if (asset === undefined) throw new Error('no asset');
    const holder = document.body.appendChild(document.createElement('div'));
    holder.innerHTML = (html ?? '<img alt="A cat">').replaceAll('URL', asset.url(options.transformation ?? {}));
    const img = holder.querySelector('img');
    if (img === null) throw new Error('no img');
    if (isBroken) while (!img.complete) await new Promise((resolve) => setTimeout(resolve, 10));
    const told: unknown[] = [];
    const held = safelight.heal(img, asset, {
      ...options,
      ...(attrs && { attrs: (asset) => safelight.imgAttrs(asset, attrs as never) }),
      onState(state, { code, retryInMs, error }) {
        told.push({ state, code, retryInMs, error: error && String(error), width: img.naturalWidth });
      },
    });
    Object.assign(globalThis, {
      cases: { ...(globalThis as { cases?: object }).cases, [publicId]: { told, img, held } },
    });
  }, healing);
}

export async function untilState(page: Page, publicId: string, state: string, timeout = 20_000): Promise<Told> {
  const last = `globalThis.cases['${publicId}'].told.at(-1)`;
  await page.waitForFunction(`${last}?.state === '${state}'`, { timeout, polling: 20 });
  return (await page.evaluate(last)) as Told;
}

export async function toldBy(page: Page, publicId: string): Promise<readonly Told[]> {
  return (await page.evaluate(`globalThis.cases['${publicId}'].told`)) as Told[];
}
