import type { UploadedAsset, UploadTask } from '@safelight/client';
import type { SafelightImgElement, SafelightStateDetail } from '@safelight/client/image';
import { announce } from './announce.ts';
import { createButton } from './button.ts';
import { createCard } from './card.ts';
import { countDown } from './countdown.ts';
import { errorText } from './error-text.ts';
import { requestCountText } from './request-count.ts';

export interface TileOptions {
  readonly name: string;
  readonly source: UploadedAsset | UploadTask;
  readonly onExplain: (asset: UploadedAsset) => void;
  readonly onRemove: () => void;
  /** Uploads the file again, after a failure. */
  readonly onAgain?: () => void;
}

export const tileSize = { width: 320, height: 240, crop: 'fill' } as const;

const stateTexts: Readonly<Record<SafelightStateDetail['state'], string>> = {
  preview: 'uploaded',
  loading: 'loading',
  shown: 'shown',
  waiting: 'waiting',
  'gave-up': 'gave up',
};

/** An element that shows its `source` in the gallery's size. */
export function createSafelightImg(alt: string): SafelightImgElement {
  const picture = document.createElement('safelight-img') as SafelightImgElement;
  for (const [name, value] of Object.entries({ ...tileSize, alt })) picture.setAttribute(name, `${value}`);
  return picture;
}

/** One picture of the gallery, with the progress of its upload and its buttons. */
export function createTile({ name, source, onExplain, onRemove, onAgain }: TileOptions): HTMLLIElement {
  const picture = createSafelightImg(name);
  const { element: tile, badge, note, actions } = createCard(name, picture);
  const bar = Object.assign(document.createElement('progress'), { max: 1, value: 0, ariaLabel: `Upload of ${name}` });
  note.before(bar);
  let asset: UploadedAsset | undefined;
  let stop = (): void => {};

  picture.addEventListener('safelight-state', (event) => {
    const { state, code, retryInMs, error } = (event as CustomEvent<SafelightStateDetail>).detail;
    stop();
    tile.dataset['state'] = state;
    badge.textContent = isUnderWay(source) ? source.phase : stateTexts[state];
    note.textContent = error === undefined ? (code ?? '') : errorText(error);
    if (state === 'waiting' && retryInMs !== undefined) {
      stop = countDown(retryInMs, (seconds) => {
        note.textContent = `${code ?? 'no response'}; next request in ${seconds} s`;
      });
    }
    if (state === 'shown') {
      announce(`${name} is shown.`);
      void requestCountText(picture.querySelector('img')?.currentSrc ?? '').then((text) => {
        note.textContent = text;
      });
    }
    if (state === 'gave-up') announce(`${name}: ${note.textContent}`);
    showActions();
  });

  function showActions(): void {
    const { state } = tile.dataset;
    const possible = new Map<string, () => void>();
    if (isUnderWay(source)) possible.set('Abort', () => source.abort());
    if (asset !== undefined) {
      const uploaded = asset;
      possible.set('Why?', () => onExplain(uploaded));
    }
    const again = asset === undefined ? onAgain : () => picture.retry();
    if (state === 'gave-up' && again !== undefined) possible.set('Try again', again);
    if (!isUnderWay(source)) possible.set('Remove', onRemove);
    const labels = [...possible.keys()].join();
    // A button must not be replaced by an equal one, because the visitor may be pressing it.
    if (actions.dataset['labels'] === labels) return;
    actions.dataset['labels'] = labels;
    actions.replaceChildren(...[...possible].map(([label, action]) => createButton(label, name, action)));
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

function isUpload(source: UploadedAsset | UploadTask): source is UploadTask {
  return 'then' in source;
}

function isUnderWay(source: UploadedAsset | UploadTask): source is UploadTask {
  return isUpload(source) && ['queued', 'sending', 'processing'].includes(source.phase);
}
