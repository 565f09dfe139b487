import { expectOptions } from '@safelight/protocol';
import { useEffect, useInsertionEffect, useRef, useState, useSyncExternalStore } from 'react';
import { aBoolean } from '../option-patterns.ts';
import type { UploadBody } from '../upload/upload-options.ts';
import { createUploadList, type UploadClient, type UploadItem, type UploadList } from './upload-list.ts';

export interface UseUploadOptions {
  /**
   * Whether uploads are aborted when the component is removed. Otherwise they continue; then only the tasks, which the
   * hook has returned, report their end.
   * @default true
   */
  readonly abortOnUnmount?: boolean | undefined;
}

/** The list of uploads of one component, and its present items. */
export function useUploadList<Body extends UploadBody>(
  where: string,
  client: UploadClient,
  options: UseUploadOptions,
): readonly [UploadList<Body>, readonly UploadItem<Body>[]] {
  const [list] = useState(() => {
    expectOptions(where, options, { abortOnUnmount: aBoolean });
    return createUploadList<Body>(client);
  });
  const { abortOnUnmount = true } = options;
  const mount = useRef({ isMounted: false, abortOnUnmount });
  useEffect(() => {
    list.client = client;
    mount.current.abortOnUnmount = abortOnUnmount;
  });
  // StrictMode and a hidden <Activity> also clean up the other kinds of effects, although the component stays. An edit
  // during development runs all effects again in the same tick.
  useInsertionEffect(() => {
    const { current } = mount;
    current.isMounted = true;
    return () => {
      current.isMounted = false;
      queueMicrotask(() => {
        if (current.isMounted || !current.abortOnUnmount) return;
        for (const { remove } of list.items()) remove();
      });
    };
  }, [list]);
  return [list, useSyncExternalStore(list.subscribe, list.items, list.items)];
}
