import { elementById } from './element-by-id.ts';

/** Tells those who do not see the page, when they have heard the last word. */
export function announce(text: string): void {
  elementById('announcement', HTMLElement).textContent = text;
}
