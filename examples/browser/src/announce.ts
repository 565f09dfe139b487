import { elementById } from './element-by-id.ts';

/** Makes screen readers read a text, after the previous one. */
export function announce(text: string): void {
  elementById('announcement', HTMLElement).textContent = text;
}
