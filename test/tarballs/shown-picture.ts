import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { drawPicture } from '../browsers/site.ts';

export interface Shown {
  /** What the page has written: how it went, or an error. */
  readonly said: string;
  readonly url: string;
  /** Pixels of what is painted. */
  readonly width: number;
  readonly height: number;
}

/** Chooses a file as a person would, and waits until the page has said what became of it. */
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

/** Collects what a page complains about: uncaught errors, and what is written to its console as an error. */
export function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warn') complaints.push(message.text());
  });
  return complaints;
}
