import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { drawPicture } from '../browsers/site.ts';

export interface Shown {
  /** The result that the page has written: the picture, or an error. */
  readonly said: string;
  readonly url: string;
  /** The size of the painted picture, in pixels. */
  readonly width: number;
  readonly height: number;
}

/** Chooses a file as a user would, and waits until the page has written the result. */
export async function uploadOn(page: Page, folder: string): Promise<Shown> {
  const path = join(folder, 'picture.png');
  await writeFile(path, (await drawPicture({ width: 900, height: 600 })).bytes);
  const input = await page.waitForSelector('input[type=file]');
  await input?.uploadFile(path);
  await page.waitForFunction(() => document.querySelector('output')?.value);
  return page.evaluate(() => {
    const {
      naturalWidth: width,
      naturalHeight: height,
      currentSrc: url,
    } = document.querySelector('img') ?? new Image();
    return { said: document.querySelector('output')?.value ?? '', url, width, height };
  });
}

/** Collects the errors of a page: uncaught ones, and those in its console. */
export function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warn') complaints.push(message.text());
  });
  return complaints;
}
