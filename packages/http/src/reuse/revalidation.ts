import { isWeak } from '../serve/entity-tags.ts';
import { type AnswerHead, fieldText, madeAt } from './answer-head.ts';
import { lastingHeaders } from './kept-headers.ts';

/** The fields to ask a handler with whether a kept answer still holds. */
export interface RevalidationHeaders {
  readonly 'if-none-match'?: string;
  readonly 'if-modified-since'?: string;
}

/** `undefined` when the answer carries nothing to recognise it by (RFC 9111 section 4.3.1). */
export function revalidationHeaders({ headers }: Pick<AnswerHead, 'headers'>): RevalidationHeaders | undefined {
  const etag = fieldText(headers, 'etag');
  const lastModified = fieldText(headers, 'last-modified');
  if (etag === undefined && lastModified === undefined) return undefined;
  return {
    ...(etag === undefined ? {} : { 'if-none-match': etag }),
    ...(lastModified === undefined ? {} : { 'if-modified-since': lastModified }),
  };
}

/**
 * How the bytes are to be read: they are the ones that were put away, and a 304 has none of its own (RFC 9111 section
 * 3.2 demands it of the length and allows it where a change would break what is stored).
 */
const ofTheBytes = ['content-length', 'content-encoding', 'content-range', 'content-type'];

/**
 * A kept answer after its handler has said 304 (RFC 9111 section 4.3.4), with the age and date of the 304: to be judged
 * and put away like a new one. `undefined` when the 304 is about something else, and says nothing of what is kept.
 * @param respondedAt - when the 304 came, epoch milliseconds
 */
export function freshenedHead(kept: AnswerHead, notModified: AnswerHead, respondedAt: number): AnswerHead | undefined {
  if (!isAbout(kept, notModified)) return undefined;
  const updates = Object.entries(lastingHeaders(notModified)).filter(([name]) => !ofTheBytes.includes(name));
  const date = new Date(madeAt(notModified, respondedAt)).toUTCString();
  return { status: kept.status, headers: { ...kept.headers, ...Object.fromEntries(updates), date } };
}

function isAbout(kept: AnswerHead, notModified: AnswerHead): boolean {
  const [keptTag, tag] = [kept, notModified].map(({ headers }) => fieldText(headers, 'etag'));
  if (tag !== undefined) {
    // A strong tag names one sequence of bytes; a weak one is compared weakly (RFC 9110 section 8.8.3.2).
    return isWeak(tag) ? keptTag !== undefined && opaque(keptTag) === opaque(tag) : keptTag === tag;
  }
  const [keptModified, modified] = [kept, notModified].map(({ headers }) => fieldText(headers, 'last-modified'));
  // Many a handler's 304 has no validator, but it was asked about nothing else.
  return modified === undefined || modified === keptModified;
}

function opaque(tag: string): string {
  return isWeak(tag) ? tag.slice(2) : tag;
}
