import { createScheduler, type DoLater } from './scheduler.ts';

const pages = new WeakMap<Document, DoLater>();

/** The scheduler of a page's requests. No request starts while the page is hidden or offline. */
export function pageRetries(page: Document): DoLater {
  const doLater = pages.get(page) ?? createScheduler(4, () => !page.hidden && navigator.onLine);
  pages.set(page, doLater);
  return doLater;
}
