import type { UnfinishedUploads, UploadName } from '@safelight/core';
import { textOfName } from './upload-limits.ts';

/** The uploads in parts that a process uses now, for all processes. No function rejects. */
export interface UploadUses {
  /** @returns a function that ends the use; further calls do nothing */
  begin(name: UploadName): Promise<() => Promise<void>>;
  /** The names of the uploads in use, as texts. */
  list(): Promise<ReadonlySet<string>>;
}

/**
 * @param uses - `undefined`: the storage belongs to one process, which knows its own uses
 */
export function createUploadUses({ uses }: UnfinishedUploads, onError: (error: unknown) => void): UploadUses {
  return {
    async begin(name) {
      try {
        let end = await uses?.begin(name);
        return async function endOnce() {
          const ending = end;
          end = undefined;
          await ending?.().catch(onError);
        };
      } catch (error) {
        // Then only this process knows of the part.
        onError(error);
        return async () => {};
      }
    },
    async list() {
      try {
        return new Set((await uses?.list())?.map(textOfName));
      } catch (error) {
        onError(error);
        return new Set();
      }
    },
  };
}
