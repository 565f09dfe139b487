import { type ByteRange, nextRange, receivedBytes } from './byte-ranges.ts';
import { isRefusedByProxy } from './chunk-size.ts';
import type { FileSender } from './file-sender.ts';
import { createRangeSender } from './range-sender.ts';
import { receivedParts } from './received-parts.ts';
import type { TaskControl } from './running-upload.ts';
import type { UploadOptions } from './upload-options.ts';

export interface SentFile {
  /** The JSON of the last response; the caller must validate it. */
  readonly response: unknown;
  /** Whether an earlier request for the same file may have stored it. */
  readonly isRepeat: boolean;
}

/**
 * Sends a file in one request, or in parts one after the other. Parts that the server has from an earlier attempt under
 * the same key are not sent again. When a proxy refuses a request because of its size, the rest is sent in smaller parts.
 */
export async function sendFile(
  sender: FileSender,
  url: string,
  control: TaskControl,
  options: UploadOptions,
): Promise<SentFile> {
  const { http, cloudName, chunkSize } = sender;
  const { size } = control.file;
  const ranges = createRangeSender(sender, url, control, options);
  const mayHaveParts = control.isRepeat && !http.isCloudinary && size > chunkSize.bytes;
  let received: readonly ByteRange[] = mayHaveParts ? await receivedParts(http, cloudName, control) : [];
  for (;;) {
    const range = nextRange(size, received, chunkSize.bytes);
    const others = received.filter(({ start }) => start !== range.start);
    try {
      const response = await ranges.send({
        range,
        isInParts: size > chunkSize.bytes || received.length > 0,
        bytesBefore: receivedBytes(others),
      });
      received = [...others, range];
      if (receivedBytes(received) === size) return { response, isRepeat: ranges.isRepeat };
    } catch (error) {
      if (!isRefusedByProxy(error) || !chunkSize.shrink(range.end - range.start)) throw error;
    }
  }
}
