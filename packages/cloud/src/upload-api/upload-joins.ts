import type { UnfinishedUpload, UnfinishedUploads, UploadName } from '@safelight/core';
import type { MadeResponse } from './own-origin.ts';
import { incomplete, isUploadComplete } from './partial-upload.ts';
import { textOfName } from './upload-limits.ts';
import { isFinal, outcomeText, readOutcome } from './upload-outcome.ts';

/** Makes one file of the parts of each complete upload, once for all calls of this process. */
export interface UploadJoins {
  /** See `UploadRegistry.finish`. */
  finish(name: UploadName, join: JoinUpload): Promise<MadeResponse>;
  /** Whether the parts of an upload are being joined. */
  has(name: UploadName): boolean;
}

/** @param bytes - reads the parts, one after the other */
export type JoinUpload = (bytes: AsyncIterable<Uint8Array>) => Promise<MadeResponse>;

export interface UploadJoinsOptions {
  readonly storage: UnfinishedUploads;
  readonly maxIdleMs: number;
  /** Called after the outcome was stored. */
  onSettled(name: UploadName): void;
  /** Epoch milliseconds. */
  clock(): number;
  onError(error: unknown): void;
}

export function createUploadJoins({ storage, maxIdleMs, onSettled, clock, onError }: UploadJoinsOptions): UploadJoins {
  const joins = new Map<string, Promise<MadeResponse>>();

  const read = async (name: UploadName): Promise<Pick<UnfinishedUpload, 'parts' | 'outcome'>> =>
    (await storage.read(name)) ?? { parts: [], outcome: undefined };

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
      if (isFinal(error)) await settle(outcomeText(error));
      else await checkLost(name, error);
      throw error;
    }
  }

  /** @throws {ApiError} 400 when parts have been lost, so that the client sends them again */
  async function checkLost(name: UploadName, error: unknown): Promise<void> {
    const { parts, outcome } = await read(name);
    if (outcome !== undefined || isUploadComplete({ parts })) return;
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
      const joining = joins.get(text) ?? joinOnce(name, join).finally(() => joins.delete(text));
      joins.set(text, joining);
      return joining;
    },
  };
}
