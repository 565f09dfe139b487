import * as safelight from '@safelight/client';
import * as hooks from '@safelight/client/react';
import * as React from 'react';
import { flushSync } from 'react-dom';
import { createRoot, hydrateRoot, type Root } from 'react-dom/client';

/** The code of a page for tests of hooks and components. It is bundled with each version of React. */
const all = {
  ...safelight,
  ...hooks,
  React,
  createRoot,
  hydrateRoot,
  flushSync,
  List,
  Single,
  Row,
  AnyClient,
  imageOf,
};

export interface SeenItem {
  readonly id: number;
  readonly name: string;
  readonly phase: string;
  readonly sentBytes: number;
  readonly totalBytes: number;
  readonly publicId: string | undefined;
  readonly error: string | undefined;
}

export interface SeenList {
  readonly items: readonly SeenItem[];
  readonly totals: Readonly<Record<string, number>>;
}

declare global {
  // Globals of the page, for functions that run in `page.evaluate`.
  var inReact: typeof all;
  var client: safelight.Client;
  var root: Root;
  /** The last results of the hooks. */
  var uploads: hooks.Uploads;
  var single: hooks.SingleUpload;
  /** All lists that were shown, oldest first. */
  var lists: SeenList[];
  /** What `SafelightImage` has reported, oldest first. */
  var states: { readonly state: string; readonly code: string | undefined; readonly error: string | undefined }[];
  var retryPicture: () => void;
  /** Renders a `SafelightImage` into `#app`, in StrictMode and at once. */
  var showImage: (props: Partial<hooks.SafelightImageProps>) => void;
  var draw: (name: string, colour?: string) => Promise<File>;
}

/** Defines the globals above. */
export function preparePage(): void {
  Object.assign(globalThis, {
    inReact: all,
    client: safelight.createClient({ endpoint: location.origin, cloudName: 'demo', uploadPreset: 'browser' }),
    lists: [],
    states: [],
    showImage: renderImage,
    draw: drawFile,
  });
}

function List({ options }: { readonly options?: hooks.UseUploadOptions }): null {
  const state = hooks.useUploads(client, options);
  React.useEffect(() => {
    globalThis.uploads = state;
    document.title = 'visible';
    const items = state.items.map(({ id, file: { name }, phase, progress, asset, error }) => {
      return { id, name, phase, ...progress, publicId: asset?.publicId, error: error?.message };
    });
    lists.push({ items, totals: { ...state.totals } });
    return () => {
      document.title = 'hidden';
    };
  }, [state]);
  return null;
}

function Single(): null {
  globalThis.single = hooks.useUpload(client);
  return null;
}

/** Starts its upload in an effect; with `isGuarded` only in the first one. */
function Row({ file, isGuarded }: { readonly file: File; readonly isGuarded: boolean }): null {
  const upload = hooks.useUpload(client);
  const { start } = upload;
  globalThis.single = upload;
  const hasStarted = React.useRef(false);
  React.useEffect(() => {
    if (isGuarded && hasStarted.current) return;
    hasStarted.current = true;
    start(file);
  }, [start, file, isGuarded]);
  return null;
}

/** Makes a client in each render. */
function AnyClient({ cloudName }: { readonly cloudName: string }): null {
  globalThis.single = hooks.useUpload(
    safelight.createClient({ endpoint: location.origin, cloudName, uploadPreset: 'browser' }),
  );
  React.useEffect(() => {
    document.title = cloudName;
  }, [cloudName]);
  return null;
}

function renderImage(props: Partial<hooks.SafelightImageProps>): void {
  const holder = document.querySelector('#app');
  if (holder === null) throw new Error('no #app');
  globalThis.root ??= createRoot(holder);
  flushSync(() => root.render(React.createElement(React.StrictMode, null, imageOf(props))));
}

function imageOf(props: Partial<hooks.SafelightImageProps>): React.ReactElement {
  return React.createElement(hooks.SafelightImage, {
    source: undefined,
    alt: 'A cat',
    width: 150,
    onState(state, { code, error }, retry) {
      states.push({ state, code, error: error === undefined ? undefined : String(error) });
      globalThis.retryPicture = retry;
    },
    ...props,
  } as hooks.SafelightImageProps);
}

async function drawFile(name: string, colour: string = '#c02020'): Promise<File> {
  const canvas = Object.assign(document.createElement('canvas'), { width: 300, height: 200 });
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no canvas');
  context.fillStyle = colour;
  context.fillRect(0, 0, 300, 200);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  return new File([blob ?? ''], name, { type: 'image/png' });
}
