import { isSafelightError, type UploadedAsset, type UploadTask } from '@safelight/client';
import type { SafelightImgElement, SafelightStateDetail } from '@safelight/client/image';
import { announce } from './announce.ts';

export interface TileOptions {
  readonly name: string;
  readonly source: UploadedAsset | UploadTask;
  readonly onExplain: (asset: UploadedAsset) => void;
  readonly onRemove: () => void;
  /** Uploads the file again, after a failure. */
  readonly onAgain?: () => void;
}

export const tileSize = { width: 320, height: 240, crop: 'fill' } as const;

const words: Readonly<Record<SafelightStateDetail['state'], string>> = {
  preview: 'uploaded',
  loading: 'loading',
  shown: 'shown',
  waiting: 'waiting',
  'gave-up': 'gave up',
};

/** One picture of the gallery: what is shown of it, how far its upload is, and what can be done. */
export function createTile({ name, source, onExplain, onRemove, onAgain }: TileOptions): HTMLLIElement {
  const tile = document.createElement('li');
  const picture = document.createElement('safelight-img') as SafelightImgElement;
  const badge = Object.assign(document.createElement('b'), { className: 'badge' });
  const caption = Object.assign(document.createElement('span'), { className: 'name', textContent: name, title: name });
  const note = Object.assign(document.createElement('p'), { className: 'note' });
  const bar = Object.assign(document.createElement('progress'), { max: 1, value: 0, ariaLabel: `Upload of ${name}` });
  const actions = Object.assign(document.createElement('p'), { className: 'actions' });
  tile.append(picture, caption, badge, bar, note, actions);
  for (const [attribute, value] of Object.entries({ ...tileSize, alt: name }))
    picture.setAttribute(attribute, `${value}`);
  let asset: UploadedAsset | undefined;
  let countdown: ReturnType<typeof setInterval> | undefined;

  picture.addEventListener('safelight-state', (event) => {
    const { state, code, retryInMs, error } = (event as CustomEvent<SafelightStateDetail>).detail;
    clearInterval(countdown);
    tile.dataset['state'] = state;
    badge.textContent = isUnderWay(source) ? source.phase : words[state];
    note.textContent = error === undefined ? (code ?? '') : wordsOf(error);
    if (state === 'waiting' && retryInMs !== undefined) {
      const at = Date.now() + retryInMs;
      const say = (): void => {
        note.textContent = `${code ?? 'no answer'}; asked again in ${Math.max(0, Math.ceil((at - Date.now()) / 1000))} s`;
      };
      say();
      countdown = setInterval(say, 500);
    }
    if (state === 'shown') {
      announce(`${name} is shown.`);
      countAsked(picture.querySelector('img')?.currentSrc).then(
        (text) => {
          note.textContent = text;
        },
        () => undefined, // The page is being left.
      );
    }
    if (state === 'gave-up') announce(`${name}: ${note.textContent}`);
    showActions();
  });

  function showActions(): void {
    const { state } = tile.dataset;
    const can = new Map<string, () => void>();
    if (isUnderWay(source)) can.set('Abort', () => source.abort());
    if (asset !== undefined) {
      const uploaded = asset;
      can.set('Why?', () => onExplain(uploaded));
    }
    const again = asset === undefined ? onAgain : () => picture.retry();
    if (state === 'gave-up' && again !== undefined) can.set('Try again', again);
    if (!isUnderWay(source)) can.set('Remove', onRemove);
    const labels = [...can.keys()].join();
    // What is pressed should not be replaced by the same.
    if (actions.dataset['labels'] === labels) return;
    actions.dataset['labels'] = labels;
    actions.replaceChildren(...[...can].map(([label, action]) => button(label, name, action)));
  }

  async function follow(task: UploadTask): Promise<void> {
    for await (const { phase, sentBytes, totalBytes } of task) {
      badge.textContent = phase;
      tile.dataset['phase'] = phase;
      bar.value = totalBytes ? sentBytes / totalBytes : 0;
      showActions();
    }
    asset = await task.catch(() => undefined);
    showActions();
  }

  if (isUpload(source)) void follow(source);
  else asset = source;
  picture.source = source;
  showActions();
  return tile;
}

function button(label: string, name: string, action: () => void): HTMLButtonElement {
  const made = Object.assign(document.createElement('button'), { type: 'button', textContent: label });
  made.setAttribute('aria-label', `${label}: ${name}`);
  made.addEventListener('click', action);
  return made;
}

/** What the server says: the page cannot tell its own requests from what its cache answered. */
async function countAsked(url: string | undefined): Promise<string> {
  if (!url) return '';
  const { pathname } = new URL(url);
  const times = await (await fetch(`/asked?path=${encodeURIComponent(pathname)}`)).text();
  return `asked for ${times === '1' ? 'once' : `${times} times`}`;
}

function wordsOf(error: unknown): string {
  if (isSafelightError(error)) return error.message;
  return error instanceof Error && error.name === 'AbortError' ? 'Aborted' : String(error);
}

function isUpload(source: UploadedAsset | UploadTask): source is UploadTask {
  return 'then' in source;
}

function isUnderWay(source: UploadedAsset | UploadTask): source is UploadTask {
  return isUpload(source) && ['queued', 'sending', 'processing'].includes(source.phase);
}
