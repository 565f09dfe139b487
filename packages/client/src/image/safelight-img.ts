import { expectOptions } from '@safelight/protocol';
import { type DeliveryPlaceOptions, deliveryPlace, placeOptions } from '../delivery-url.ts';
import { type AttrsOptions, imgAttrs } from '../img-attrs.ts';
import type { UploadTask } from '../upload/upload-task.ts';
import type { UploadedAsset } from '../uploaded-asset.ts';
import { createAsset } from '../url.ts';
import { type Healing, heal } from './heal.ts';
import type { HealDetail, HealState } from './heal-options.ts';
import type { PictureAttrs } from './picture.ts';
import { choices, copied, type SafelightImgElement } from './safelight-img-element.ts';
import { takeOver } from './shown-source.ts';

const numbers: ReadonlySet<string> = new Set(['width', 'height']);
const reflected: readonly string[] = [...copied, ...choices];

/**
 * Registers `<safelight-img>`. Its attributes are `asset` (an asset reference as JSON; needs `place`), `alt`, `loading`,
 * and those of `imgAttrs()`: `width`, `height`, `layout`, `sizes`, `crop`, `gravity`, `quality`, `format`. Each of them is
 * also a property. Properties and attributes may be set before the element is registered. It uses the `<img>` that it
 * already contains, for example from server-side rendering, so that the picture is also shown without scripts. It stops
 * when it is removed from the page, and starts again when it is inserted again. A second call with the same name has no
 * effect.
 * @param place - the server that delivers the pictures; only for references
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
  class SafelightImg extends HTMLElement {
    static readonly observedAttributes = ['asset', ...reflected];
    #source: SafelightImgElement['source'];
    #asset: SafelightImgElement['asset'];
    #healing: Healing | undefined;
    #isDue = false;

    constructor() {
      super();
      // Properties that were set before the element was registered hide the accessors of the class.
      for (const [name, value] of Object.entries(this)) {
        if (!(name in SafelightImg.prototype)) continue;
        Reflect.deleteProperty(this, name);
        Reflect.set(this, name, value);
      }
    }

    get source(): SafelightImgElement['source'] {
      return this.#source;
    }

    set source(source: SafelightImgElement['source']) {
      this.#source = source;
      this.#update();
    }

    get asset(): SafelightImgElement['asset'] {
      return this.#asset ?? this.getAttribute('asset');
    }

    set asset(asset: SafelightImgElement['asset']) {
      this.#asset = asset;
      this.#update();
    }

    get state(): HealState | undefined {
      return this.#healing?.state;
    }

    retry(): void {
      this.#healing?.retry();
    }

    connectedCallback(): void {
      this.#update();
    }

    disconnectedCallback(): void {
      this.#healing?.stop();
    }

    attributeChangedCallback(name: string, _last: string | null, value: string | null): void {
      if (value === null && (copied as readonly string[]).includes(name))
        this.querySelector('img')?.removeAttribute(name);
      this.#update();
    }

    /** Starts again, once for all changes in one tick. */
    #update(): void {
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
      this.#healing?.stop();
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
        const source = this.#source ?? sourceOf(this.asset, place);
        if (source) {
          this.#healing = heal(img, source, { ...this.#options(), onState: report });
        } else {
          takeOver(img, () => undefined);
        }
      } catch (error) {
        takeOver(img, () => undefined);
        report('gave-up', { error });
      }
    }

    #options(): Pick<Parameters<typeof heal>[2] & object, 'attrs' | 'transformation'> {
      const given = choices.map((choice) => [choice, this.getAttribute(choice)] as const);
      const options = Object.fromEntries(
        given.flatMap(([choice, value]) =>
          value === null ? [] : [[choice, numbers.has(choice) ? Number(value) : value]],
        ),
      );
      if (!this.hasAttribute('width')) return { transformation: options };
      return {
        attrs(asset): PictureAttrs {
          // The alternative text comes from the attribute.
          const { alt: _, ...attrs } = imgAttrs(asset, { ...options, alt: '' } as AttrsOptions);
          return attrs;
        },
      };
    }
  }

  for (const name of reflected) {
    Object.defineProperty(SafelightImg.prototype, name, {
      configurable: true,
      enumerable: true,
      get(this: HTMLElement) {
        return this.getAttribute(name);
      },
      set(this: HTMLElement, value: unknown) {
        if (value === null || value === undefined) this.removeAttribute(name);
        else this.setAttribute(name, `${value}`);
      },
    });
  }
  customElements.define(name, SafelightImg);
}

/** A reference becomes an asset; an asset, an upload and everything without a value stay as they are. */
function sourceOf(
  asset: SafelightImgElement['asset'],
  place: DeliveryPlaceOptions | undefined,
): UploadedAsset | UploadTask | undefined {
  if (!asset) return undefined;
  if (typeof asset === 'object' && ('then' in asset || 'url' in asset)) return asset;
  if (place === undefined) throw new TypeError('A reference needs the place of the asset: defineSafelightImg(place).');
  return createAsset(typeof asset === 'string' ? parsed(asset) : asset, place);
}

/** Text that is not JSON is returned as it is; `createAsset()` then refuses it, with a message about that text. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
