import type { UnfinishedUpload, UnfinishedUploads, UploadName } from '@safelight/core';
import type { CallClaims } from './call-claims.ts';
import type { MadeResponse } from './own-origin.ts';
import { incomplete, isUploadComplete } from './partial-upload.ts';
import { full, textOfName } from './upload-limits.ts';
import { isFinal, outcomeText, readOutcome } from './upload-outcome.ts';
import type { UploadUses } from './upload-uses.ts';

/** Makes one file of the parts of each complete upload, once for all calls. */
export interface UploadJoins {
  /** See `UploadRegistry.finish`. */
  finish(name: UploadName, join: JoinUpload): Promise<MadeResponse>;
  /** Whether the parts of an upload are being joined, in this process. */
  has(name: UploadName): boolean;
}

/** @param bytes - reads the parts, one after the other */
export type JoinUpload = (bytes: AsyncIterable<Uint8Array>) => Promise<MadeResponse>;

export interface UploadJoinsOptions {
  readonly storage: UnfinishedUploads;
  readonly maxIdleMs: number;
  /** `undefined`: only this process joins parts. */
  readonly claims: CallClaims | undefined;
  readonly uses: UploadUses;
  /** Called after the outcome was stored. */
  onSettled(name: UploadName): void;
  /** Epoch milliseconds. */
  clock(): number;
  onError(error: unknown): void;
}

/** How long a call waits for another process that joins the parts. A large file is read again from the disk. */
const joinWaitMs = 60_000;

export function createUploadJoins(options: UploadJoinsOptions): UploadJoins {
  const { storage, maxIdleMs, claims, uses, onSettled, clock, onError } = options;
  const joins = new Map<string, Promise<MadeResponse>>();

  const read = async (name: UploadName): Promise<Pick<UnfinishedUpload, 'parts' | 'outcome'>> =>
    (await storage.read(name)) ?? { parts: [], outcome: undefined };

  /** Waits while another process joins the parts. Its outcome is stored then. */
  async function joinInOneProcess(name: UploadName, join: JoinUpload): Promise<MadeResponse> {
    const claim = await claims?.claim(`join ${textOfName(name)}`, '', joinWaitMs);
    if (claim?.kind === 'busy') throw full('Another process still joins the parts of this upload');
    const endUse = await uses.begin(name);
    try {
      return await joinOnce(name, join);
    } finally {
      await endUse();
      if (claim?.kind === 'run') await claim.run.end({ isFree: true });
    }
  }

  async function joinOnce(name: UploadName, join: JoinUpload): Promise<MadeResponse> {
    const { parts, outcome } = await read(name);
    if (outcome !== undefined) return readOutcome(outcome);
    if (!isUploadComplete({ parts })) throw incomplete({ parts }, maxIdleMs);
    const settle = async (text: string): Promise<void> => {
      await storage.settle(name, text, clock()).catch(onError);
      onSettled(name);
    };
    try {
      const response = await join(joined(name, parts));
      await settle(outcomeText(response));
      return response;
    } catch (error) {
      if (!isFinal(error)) return await otherOutcome(name, error);
      await settle(outcomeText(error));
      throw error;
    }
  }

  /**
   * Another process may have joined the parts meanwhile, and removed them.
   * @throws {ApiError} 400 when parts have been lost, so that the client sends them again
   * @throws `error` otherwise
   */
  async function otherOutcome(name: UploadName, error: unknown): Promise<MadeResponse> {
    const { parts, outcome } = await read(name);
    if (outcome !== undefined) return readOutcome(outcome);
    if (isUploadComplete({ parts })) throw error;
    onError(error);
    throw incomplete({ parts }, maxIdleMs);
  }

  async function* joined(name: UploadName, parts: UnfinishedUpload['parts']): AsyncGenerator<Uint8Array> {
    for (const part of parts) yield* storage.bytesOf(name, part);
  }

  return {
    has: (name) => joins.has(textOfName(name)),
    finish(name, join) {
      const text = textOfName(name);
      const joining = joins.get(text) ?? joinInOneProcess(name, join).finally(() => joins.delete(text));
      joins.set(text, joining);
      return joining;
    },
  };
}
