import type { AssetRef } from '../asset-ref.ts';
import { type ErrorCode, SafelightError, type SafelightErrorDetails } from '../safelight-error.ts';
import { startUploadTask, type TaskControl } from '../upload/running-upload.ts';
import type { UploadBody, UploadOptions } from '../upload/upload-options.ts';
import type { UploadTask } from '../upload/upload-task.ts';
import type { UploadedAsset } from '../uploaded-asset.ts';

/** One upload of a fake client, which a test moves forward. */
export interface FakeUpload {
  readonly task: UploadTask;
  readonly options: UploadOptions;
  /** Reports bytes of the file as sent. With all bytes, the phase becomes `processing`. @default all bytes */
  progress(sentBytes?: number): void;
  /** Resolves the task. The fields that are given replace those of the asset. */
  finish(asset?: Partial<AssetRef>): void;
  /** Rejects the task with a `SafelightError`. @param details - such as `{ status: 413 }` */
  fail(code: ErrorCode, details?: SafelightErrorDetails & { readonly message?: string }): void;
}

/**
 * Starts a task as the real client does, but waits for the test instead of a server.
 * @param store - makes the asset of a finished upload
 */
export function startFakeUpload(
  body: UploadBody,
  options: UploadOptions,
  store: (file: Blob, asset: Partial<AssetRef>) => UploadedAsset,
): FakeUpload {
  let resolve: (given: Partial<AssetRef>) => void;
  let reject: (error: SafelightError) => void;
  const outcome = new Promise<Partial<AssetRef>>((...settle) => {
    [resolve, reject] = settle;
  });
  // Only the task reports a failure, and not after an abort.
  outcome.catch(() => undefined);
  let running: TaskControl | undefined;
  /** Reports that came before the task has started. */
  const early: (() => void)[] = [];
  const report = (sentBytes?: number): void => {
    const { file, progress } = running ?? {};
    if (file === undefined || progress === undefined) return;
    progress.push('sending', Math.min(sentBytes ?? file.size, file.size));
    if ((sentBytes ?? file.size) >= file.size) progress.push('processing');
  };
  const task = startUploadTask(
    (control) => {
      running = control;
      control.progress.push('sending', 0);
      for (const tell of early) tell();
      return outcome.then((given) => {
        control.signal.throwIfAborted();
        return store(control.file, given);
      });
    },
    body,
    options,
  );
  const progress = (sentBytes?: number): void => {
    if (running === undefined) early.push(() => report(sentBytes));
    else report(sentBytes);
  };
  return {
    task,
    options,
    progress,
    finish: (asset = {}) => {
      progress();
      resolve(asset);
    },
    fail: (code, { message = `The upload has failed: ${code}.`, ...details } = {}) =>
      reject(new SafelightError(code, message, details)),
  };
}
