import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SqlValue } from './index-database.ts';

/** Writes and reads the text that continues a query. */
export interface PageCursors {
  /** @param query - all members that decide the entries and their order */
  write(query: unknown, row: readonly SqlValue[]): string;
  /** @throws {RangeError} when the text is not from a page of this query */
  read(query: unknown, text: string | undefined): readonly SqlValue[] | undefined;
}

const digestBytes = 16;

/** @param secret - belongs to one index, so that only its own texts can be read */
export function createPageCursors(secret: string): PageCursors {
  const digestOf = (query: unknown, row: Uint8Array): Buffer =>
    createHmac('sha256', secret)
      .update(`${JSON.stringify(query)}\n`)
      .update(row)
      .digest()
      .subarray(0, digestBytes);
  return {
    write(query, row) {
      const content = Buffer.from(JSON.stringify(row));
      return Buffer.concat([digestOf(query, content), content]).toString('base64url');
    },
    read(query, text) {
      if (text === undefined) return undefined;
      const bytes = Buffer.from(text, 'base64url');
      const [digest, content] = [bytes.subarray(0, digestBytes), bytes.subarray(digestBytes)];
      if (digest.length < digestBytes || !timingSafeEqual(digest, digestOf(query, content))) {
        throw new RangeError('`after` is not the `next` of an earlier page of this query.');
      }
      return JSON.parse(content.toString()) as SqlValue[];
    },
  };
}
