import { uploadAll } from '../upload/upload-all.ts';
import type {
  UploadAllOptions,
  UploadBody,
  UploadOptions,
  UploadPhase,
  UploadProgress,
} from '../upload/upload-options.ts';
import type { UploadTask } from '../upload/upload-task.ts';
import type { Uploader } from '../upload/uploader.ts';
import type { UploadedAsset } from '../uploaded-asset.ts';

/** The part of a client that the hooks use. `createClient()` makes one, and so does `{ upload: createUploader(…) }`. */
export interface UploadClient {
  readonly upload: Uploader;
}

/** One upload of a list. It does not change: after each event the list has a new object, with the same functions. */
export interface UploadItem<Body extends UploadBody = File> {
  /** Unique in its list: a `key` for React. */
  readonly id: number;
  readonly file: Body;
  readonly phase: UploadPhase;
  readonly progress: Omit<UploadProgress, 'phase' | 'file'>;
  /** Set exactly when the phase is `ready`. */
  readonly asset: UploadedAsset | undefined;
  /** Set exactly when the phase is `failed`. */
  readonly error: Error | undefined;
  /** A retry makes a new one. */
  readonly task: UploadTask;
  /** Uploads the file again after `failed` or `aborted`. In other phases it has no effect. */
  readonly retry: () => void;
  readonly abort: () => void;
  /** Removes the upload from the list. It aborts the upload before its end; the server keeps an asset that is ready. */
  readonly remove: () => void;
}

/** The uploads of a component, outside of React: `items` is replaced at each event. */
export interface UploadList<Body extends UploadBody> {
  /** The client of later uploads. */
  client: UploadClient;
  readonly items: () => readonly UploadItem<Body>[];
  readonly subscribe: (listener: () => void) => () => void;
  readonly add: (bodies: readonly Body[], options?: UploadAllOptions<Body>) => readonly UploadTask[];
}

export function createUploadList<Body extends UploadBody>(client: UploadClient): UploadList<Body> {
  let items: readonly UploadItem<Body>[] = [];
  let count = 0;
  const listeners = new Set<() => void>();
  const publish = (next: readonly UploadItem<Body>[]): void => {
    items = next;
    for (const listener of listeners) listener();
  };

  /** Follows the task of an item to its end. The last phase is shown together with the asset or the error. */
  async function follow(id: number, task: UploadTask): Promise<void> {
    const change = (changes: Partial<UploadItem<Body>>): void => {
      const changed = items.find((item) => item.id === id && item.task === task);
      if (changed) publish(items.map((item) => (item === changed ? { ...item, ...changes } : item)));
    };
    let phase: UploadPhase = 'queued';
    let progress: UploadItem['progress'] = { sentBytes: 0, totalBytes: 0 };
    for await (const { file: _, ...latest } of task) {
      ({ phase, ...progress } = latest);
      if (!/ready|failed|aborted/.test(phase)) change({ phase, progress });
    }
    await task.then(
      (asset) => change({ phase, progress, asset }),
      (reason: unknown) => change({ phase, progress, error: phase === 'failed' ? errorOf(reason) : undefined }),
    );
  }

  function begin(file: Body, options?: UploadOptions): UploadTask {
    const id = count++;
    const current = (): UploadItem<Body> | undefined => items.find((item) => item.id === id);
    const task = list.client.upload(file, options);
    const added: UploadItem<Body> = {
      id,
      file,
      phase: task.phase,
      progress: { sentBytes: 0, totalBytes: task.file.size },
      asset: undefined,
      error: undefined,
      task,
      retry() {
        const item = current();
        if (!item || !/failed|aborted/.test(item.phase)) return;
        const next = item.task.retry();
        item.task.dispose();
        publish(items.map((one) => (one === item ? { ...added, phase: next.phase, task: next } : one)));
        void follow(id, next);
      },
      abort: () => current()?.task.abort(),
      remove() {
        const item = current();
        publish(items.filter((one) => one !== item));
        item?.task.dispose();
      },
    };
    publish([...items, added]);
    void follow(id, task);
    return task;
  }

  const list: UploadList<Body> = {
    client,
    items: () => items,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    add: (bodies, options) => uploadAll((body, own) => begin(body as Body, own), bodies, options),
  };
  return list;
}

function errorOf(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(`${reason}`);
}
