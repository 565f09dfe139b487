import type { IncomingMessage } from 'node:http';
import { clientAddress } from '@safelight/http';
import { ApiError } from './api-error.ts';
import type { IncomingLimits } from './incoming-limits.ts';

/** Counts the bodies that are arriving, over all connections. */
export interface IncomingBudget {
  /**
   * Begins a call.
   *
   * @throws {ApiError} 503 when this client has too many calls
   */
  open(req: IncomingMessage): IncomingAccount;
}

/** The part of one call. */
export interface IncomingAccount {
  /**
   * Counts the bytes of a file while they are read.
   *
   * @param isVerified - whether it is known that the caller may upload
   * @throws {ApiError} 503 when the bytes of all calls are too many; it comes out of the returned bytes
   */
  count(bytes: AsyncIterable<Uint8Array>, isVerified: boolean): AsyncIterable<Uint8Array>;
  /** Ends the call: its bytes are published or removed. */
  close(): void;
}

/** What the unfinished calls of one client have. */
interface ClientShare {
  calls: number;
  bytes: number;
}

const retryAfterSeconds = 10;

export function createIncomingBudget(limits: IncomingLimits): IncomingBudget {
  const { maxIncomingBytes, maxUnverifiedBytes, maxCallsPerClient, maxBytesPerClient } = limits;
  const clients = new Map<string, ClientShare>();
  let incomingBytes = 0;
  let unverifiedBytes = 0;

  return {
    open(req) {
      const client = clientAddress(req);
      const share = clients.get(client) ?? { calls: 0, bytes: 0 };
      if (share.calls >= maxCallsPerClient) throw busy(`${maxCallsPerClient} calls of one client are unfinished`);
      share.calls += 1;
      clients.set(client, share);
      let ownBytes = 0;
      let ownUnverified = 0;
      let isOpen = true;
      return {
        async *count(bytes, isVerified) {
          for await (const piece of bytes) {
            ownBytes += piece.length;
            share.bytes += piece.length;
            incomingBytes += piece.length;
            if (!isVerified) {
              ownUnverified += piece.length;
              unverifiedBytes += piece.length;
            }
            // The reader has its own limit for one file, and its refusal says more.
            yield piece;
            if (share.bytes > maxBytesPerClient) throw busy('too many bytes of this client are stored');
            if (incomingBytes > maxIncomingBytes || unverifiedBytes > maxUnverifiedBytes) {
              throw busy('too many bytes of unfinished uploads are stored');
            }
          }
        },
        close() {
          if (!isOpen) return;
          isOpen = false;
          incomingBytes -= ownBytes;
          unverifiedBytes -= ownUnverified;
          share.bytes -= ownBytes;
          share.calls -= 1;
          if (share.calls === 0) clients.delete(client);
        },
      };
    },
  };
}

function busy(why: string): ApiError {
  return new ApiError(503, `The server is busy: ${why}. Repeat the call in ${retryAfterSeconds} s.`, {
    'retry-after': String(retryAfterSeconds),
  });
}
