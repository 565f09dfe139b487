import { elementById } from './element-by-id.ts';

/** Tells screen readers a text, after they have read the previous one. */
export function announce(text: string): void {
  elementById('announcement', HTMLElement).textContent = text;
}
