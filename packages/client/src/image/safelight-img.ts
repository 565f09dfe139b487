import { expectOptions } from '@safelight/protocol';
import { type DeliveryPlaceOptions, deliveryPlace, placeOptions } from '../delivery-url.ts';
import { dispose } from '../dispose-symbol.ts';
import { type AttrsOptions, imgAttrs } from '../img-attrs.ts';
import type { TransformationInput } from '../transformation-input.ts';
import type { UploadTask } from '../upload/upload-task.ts';
import type { UploadedAsset } from '../uploaded-asset.ts';
import { createAsset } from '../url.ts';
import { type HealDetail, type Healing, type HealState, heal } from './heal.ts';

/** `<safelight-img>`: shows an asset or an upload in the `<img>` inside it, by `heal()`. */
export interface SafelightImgElement extends HTMLElement {
  /** An uploaded asset, or an upload that is running. It takes precedence over the attribute `asset`. */
  source: UploadedAsset | UploadTask | undefined;
  readonly state: HealState | undefined;
  /** Starts again, after `gave-up` for example. */
  retry(): void;
}

/** The `detail` of the event `safelight-state`, which bubbles. */
export interface SafelightStateDetail extends HealDetail {
  readonly state: HealState;
}

const copied = ['alt', 'width', 'height', 'loading'] as const;
const numbers: ReadonlySet<string> = new Set(['width', 'height']);
const choices = ['width', 'height', 'layout', 'sizes', 'crop', 'gravity', 'quality', 'format'] as const;

/**
 * Registers `<safelight-img>`. Its attributes are `asset` (an asset reference as JSON; needs `place`), `alt`, `loading`,
 * and those of `imgAttrs()`: `width`, `height`, `layout`, `sizes`, `crop`, `gravity`, `quality`, `format`. It uses the
 * `<img>` that it already contains, for example from server-side rendering, so that the picture is also shown without
 * scripts. It stops when it is removed from the page, and starts again when it is inserted again. A second call with the
 * same name has no effect.
 * @param place - the server that delivers the pictures; only for the attribute `asset`
 * @param name - the name of the element
 * @throws {TypeError} when an option of the place does not exist or cannot be used
 * @example
 * defineSafelightImg({ endpoint: 'https://pictures.example', cloudName: 'demo' });
 * const asset = { publicId: 'cat', version: 1795368841, resourceType: 'image', format: 'jpg' };
 * document.body.innerHTML = `<safelight-img asset='${JSON.stringify(asset)}' width="300" alt="A cat"></safelight-img>`;
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: the class needs HTMLElement, which servers do not have; its methods are short.
export function defineSafelightImg(place?: DeliveryPlaceOptions, name: string = 'safelight-img'): void {
  if (place !== undefined) {
    expectOptions('defineSafelightImg()', place, placeOptions);
    deliveryPlace(place);
  }
  if (customElements.get(name) !== undefined) return;

  // Inside the function, because a server that renders pages has no HTMLElement.
  class SafelightImg extends HTMLElement implements SafelightImgElement {
    static readonly observedAttributes = ['asset', ...copied, ...choices];
    #source: UploadedAsset | UploadTask | undefined;
    #healing: Healing | undefined;
    #isDue = false;

    get source(): UploadedAsset | UploadTask | undefined {
      return this.#source;
    }

    set source(source: UploadedAsset | UploadTask | undefined) {
      this.#source = source;
      this.attributeChangedCallback();
    }

    get state(): HealState | undefined {
      return this.#healing?.state;
    }

    retry(): void {
      this.#healing?.retry();
    }

    connectedCallback(): void {
      // A property that was set before the element was defined would hide the accessor of the class.
      if (Object.hasOwn(this, 'source')) {
        const { source } = this;
        delete (this as Partial<SafelightImgElement>).source;
        this.#source = source;
      }
      this.attributeChangedCallback();
    }

    disconnectedCallback(): void {
      this.#healing?.[dispose]();
    }

    /** Runs once for all attributes that are set in one tick. */
    attributeChangedCallback(): void {
      if (this.#isDue) return;
      this.#isDue = true;
      const start = (): void => {
        this.#isDue = false;
        if (this.isConnected) this.#start();
      };
      // While the page is loading, the content of the element may not have been parsed yet.
      if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start, { once: true });
      else queueMicrotask(start);
    }

    #start(): void {
      this.#healing?.[dispose]();
      this.#healing = undefined;
      const img = this.querySelector('img') ?? this.appendChild(this.ownerDocument.createElement('img'));
      for (const attribute of copied) {
        const value = this.getAttribute(attribute);
        if (value !== null) img.setAttribute(attribute, value);
      }
      const report = (state: HealState, detail: HealDetail): void => {
        this.dispatchEvent(new CustomEvent('safelight-state', { bubbles: true, detail: { ...detail, state } }));
      };
      try {
        const json = this.getAttribute('asset');
        const source = this.#source ?? (json && place ? createAsset(parsed(json), place) : undefined);
        if (source === undefined) return;
        const options = this.#options();
        this.#healing = heal(img, source, {
          ...(this.hasAttribute('width')
            ? { attrs: (asset) => imgAttrs(asset, { ...options, alt: img.alt } as AttrsOptions) }
            : { transformation: options as TransformationInput }),
          onState: report,
        });
      } catch (error) {
        report('gave-up', { error });
      }
    }

    #options(): Record<string, string | number> {
      const given = choices.map((choice) => [choice, this.getAttribute(choice)] as const);
      return Object.fromEntries(
        given.flatMap(([choice, value]) =>
          value === null ? [] : [[choice, numbers.has(choice) ? Number(value) : value]],
        ),
      );
    }
  }
  customElements.define(name, SafelightImg);
}

/** Text that is not JSON is returned as it is; `createAsset()` then refuses it, with a message about that text. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
