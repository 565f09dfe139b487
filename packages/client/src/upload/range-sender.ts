import type { ByteRange } from './byte-ranges.ts';
import { type EarlyEnd, nextEarlyEnd } from './early-ends.ts';
import type { FileSender } from './file-sender.ts';
import { isOffline } from './pause.ts';
import { withRetries } from './retry.ts';
import type { TaskControl } from './running-upload.ts';
import { byteCounter, fetchKnowsFiles, sendPart } from './send-part.ts';
import { createSigner } from './signer.ts';
import { checkReadable } from './upload-body.ts';
import { uploadForm, uploadParameters } from './upload-form.ts';
import type { UploadOptions } from './upload-options.ts';

export interface RangeToSend {
  readonly range: ByteRange;
  /** Whether the request is one part of an upload in parts. */
  readonly isInParts: boolean;
  /** The number of bytes of the file that the server has already. */
  readonly bytesBefore: number;
}

export interface RangeSender {
  /**
   * Sends a part of the file, or the whole file. The request is repeated when that may help and cannot store the file twice.
   * @returns the JSON of the response
   */
  send(part: RangeToSend): Promise<unknown>;
  /** Whether a request was sent again although an earlier one may have arrived. */
  readonly isRepeat: boolean;
}

const sliceBytes = 64 * 1024;

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the closure holds the state of one upload; its functions are short.
export function createRangeSender(
  sender: FileSender,
  url: string,
  { file, signal, progress, uploadKey, isRepeat }: TaskControl,
  options: UploadOptions,
): RangeSender {
  const { http, idempotency, random } = sender;
  const { stallTimeoutMs = 30_000, readyTimeoutMs = 60_000, retries = 3 } = options;
  const { filename = (file as Partial<File>).name || 'file' } = options;
  const sign = createSigner(sender, uploadParameters(options, sender.uploadPreset), stallTimeoutMs, signal);
  let earlierEnd: EarlyEnd | undefined;
  let mayHaveArrived = false;

  function keyHeaders({ start, end }: ByteRange, isInParts: boolean): Readonly<Record<string, string>> {
    return isInParts
      ? { 'x-unique-upload-id': uploadKey, 'content-range': `bytes ${start}-${end - 1}/${file.size}` }
      : idempotency
        ? { 'idempotency-key': uploadKey }
        : {};
  }

  async function attempt({ range, isInParts, bytesBefore }: RangeToSend): Promise<unknown> {
    const { start, end } = range;
    const headers = keyHeaders(range, isInParts);
    const counter = byteCounter(progress.watched, 'idempotency-key' in headers || isInParts || !fetchKnowsFiles());
    const part = file.slice(start, end, file.type);
    /** `undefined` when all bytes are sent, or when they are not counted. */
    let sentBytes = counter && 0;
    await checkReadable(file);
    isRepeat ||= mayHaveArrived;
    mayHaveArrived = false;
    progress.push('sending', bytesBefore, true);
    const parameters = await sign();
    mayHaveArrived = counter === undefined;
    const report = (bytes: number): void => progress.push('sending', bytesBefore + Math.min(bytes, end - start));
    try {
      return await sendPart(http, {
        url,
        headers,
        form: uploadForm(parameters, counter === 'stream' ? inSlices(part) : part, filename),
        bytes: end - start,
        stallTimeoutMs,
        readyTimeoutMs,
        signal,
        counter,
        onBytes: (bytes) => {
          sentBytes = bytes;
          report(bytes);
        },
        onSent: () => {
          mayHaveArrived = true;
          sentBytes = undefined;
          report(end - start);
          if (progress.latest.sentBytes === file.size) progress.push('processing');
        },
      });
    } catch (error) {
      await checkReadable(file);
      const isLost = Object(error).code === 'network' && !isOffline();
      earlierEnd =
        isLost && sentBytes !== undefined
          ? await nextEarlyEnd(earlierEnd, { error, url, sentBytes, signal })
          : undefined;
      throw earlierEnd?.error ?? error;
    }
  }

  return {
    get isRepeat() {
      return isRepeat;
    },
    send(part) {
      const { isInParts } = part;
      // Without one of these, the server would store a repeat as a second asset, under another ID.
      const isIdempotent = isInParts || idempotency || options.publicId !== undefined;
      // The part before this one has arrived, which does not make this one a repeat.
      mayHaveArrived = false;
      return withRetries(() => attempt(part), {
        retries,
        maxRetryAfterMs: readyTimeoutMs,
        signal,
        random,
        mayRepeat: ({ code, phase }) =>
          ((isIdempotent || !mayHaveArrived) && /^(network|rejected)$/.test(code)) ||
          (isInParts && code === 'stalled' && phase === 'sending'),
        onOffline: () => progress.push('offline', progress.latest.sentBytes, true),
      });
    },
  };
}

/** The same bytes in slices, so that Node reads them one after the other. It reads other bytes in memory all at once. */
function inSlices(blob: Blob): Blob {
  const count = Math.ceil(blob.size / sliceBytes);
  return new Blob(
    Array.from({ length: count }, (_, index) => blob.slice(index * sliceBytes, (index + 1) * sliceBytes)),
  );
}
