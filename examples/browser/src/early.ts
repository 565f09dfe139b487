import { heal, type SafelightImgElement, type SafelightStateDetail } from '@safelight/client/image';
import { announce } from './announce.ts';
import { createButton } from './button.ts';
import { createCard } from './card.ts';
import { client } from './client.ts';
import { countDown } from './countdown.ts';
import { elementById } from './element-by-id.ts';
import { errorText } from './error-text.ts';
import { explain } from './explain.ts';
import { requestCountText } from './request-count.ts';
import { drawSamples } from './samples.ts';
import { createSafelightImg, tileSize } from './tile.ts';

/** Requests a picture before it exists, uploads it, and shows when each of its two URLs delivers it. */
export function watchEarly(): void {
  const cards = elementById('early', HTMLUListElement);
  elementById('early-ask', HTMLButtonElement).addEventListener('click', () => {
    const publicId = `early-${Date.now().toString(36)}`;
    const plain = createPlainCard(publicId);
    const versioned = createVersionedCard(publicId, plain.healWith);
    cards.replaceChildren(plain.element, versioned);
    void plain.ask();
  });
}

interface PlainCard {
  readonly element: HTMLLIElement;
  readonly ask: () => Promise<void>;
  readonly healWith: (task: ReturnType<typeof client.upload>) => void;
}

/** The card of the URL without a version, which can be written before the picture exists. */
function createPlainCard(publicId: string): PlainCard {
  const url = client.dangerouslyBuildUrl(`${publicId}.png`, tileSize);
  const alt = `${publicId} by its plain URL`;
  const img = Object.assign(new Image(tileSize.width, tileSize.height), { alt, className: 'plain' });
  const { element, badge, note, actions } = createCard('Without a version', img);
  actions.append(createButton('Why?', publicId, () => explain(url)));
  let stop = (): void => {};

  async function ask(): Promise<void> {
    img.src = url;
    // For the browser a placeholder is a picture. `why` tells the difference without a request for the picture.
    await img.decode().catch(() => undefined);
    const [{ verdict, remainingMs }, requestCount] = await Promise.all([client.why(url), requestCountText(url)]);
    if (element.dataset['state'] !== undefined) return; // Uploaded in the meantime.
    element.dataset['state'] = 'cached-error';
    badge.textContent = 'cached error';
    announce(`${publicId} does not exist: a placeholder is shown.`);
    stop = countDown(remainingMs ?? 0, (seconds) => {
      note.textContent = `${verdict} is cached for ${seconds} s more; ${requestCount}`;
    });
  }

  function healWith(task: ReturnType<typeof client.upload>): void {
    // heal() reads the failure from the response that the <img> received, and waits until it has expired.
    const attrs = () => ({ src: url });
    heal(img, task, { attrs, placeholder: 'none', onState: (state, detail) => void showState({ ...detail, state }) });
  }

  async function showState({ state, code, retryInMs = 0 }: SafelightStateDetail): Promise<void> {
    if (state !== 'waiting' && state !== 'shown') return;
    stop();
    element.dataset['state'] = state;
    badge.textContent = state;
    if (state === 'waiting') {
      stop = countDown(retryInMs, (seconds) => {
        note.textContent = `Uploaded, but the response was ${code}; next request in ${seconds} s`;
      });
    } else {
      note.textContent = `Shown; ${await requestCountText(url)}`;
      announce(`${publicId} is shown.`);
    }
  }

  return { element, ask, healWith };
}

/** The card of the URL from the upload's response. No client can have requested that URL too early. */
function createVersionedCard(publicId: string, onUpload: PlainCard['healWith']): HTMLLIElement {
  const picture = createSafelightImg(`${publicId} by its version`);
  const { element, badge, note, actions } = createCard('With its version', picture);
  note.textContent = 'It has no URL before the upload';
  const send = createButton('Upload it', publicId, async () => {
    if (send.ariaDisabled === 'true') return;
    // With `disabled` the button would lose the focus.
    send.ariaDisabled = 'true';
    const [file] = await drawSamples();
    if (file === undefined) return;
    const task = client.upload(file, { publicId, overwrite: false, resourceType: 'image' });
    picture.source = task;
    onUpload(task);
  });
  actions.append(send);
  let readyAt = 0;

  picture.addEventListener('safelight-state', async (event) => {
    const { state, error } = (event as CustomEvent<SafelightStateDetail>).detail;
    element.dataset['state'] = state;
    badge.textContent = state;
    note.textContent = error === undefined ? '' : errorText(error);
    if (state === 'loading') readyAt = performance.now();
    if (state === 'gave-up') send.ariaDisabled = 'false';
    if (state !== 'shown') return;
    const tookMs = Math.round(performance.now() - readyAt);
    announce(`${publicId} is shown by the URL with its version.`);
    note.textContent = `Shown ${tookMs} ms after the upload; ${await requestCountText(urlOf(picture))}`;
  });
  return element;
}

function urlOf(picture: SafelightImgElement): string {
  return picture.querySelector('img')?.currentSrc ?? '';
}
