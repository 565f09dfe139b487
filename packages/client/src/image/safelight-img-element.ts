import type { AssetRef } from '../asset-ref.ts';
import type { UploadTask } from '../upload/upload-task.ts';
import type { UploadedAsset } from '../uploaded-asset.ts';
import type { HealDetail, HealState } from './heal-options.ts';

/** Attributes that the `<img>` has, too. */
export const copied: readonly ['alt', 'width', 'height', 'loading'] = ['alt', 'width', 'height', 'loading'];
/** Options of `imgAttrs()`. */
export const choices: readonly ['width', 'height', 'layout', 'sizes', 'crop', 'gravity', 'quality', 'format'] = [
  'width',
  'height',
  'layout',
  'sizes',
  'crop',
  'gravity',
  'quality',
  'format',
];
export type SafelightImgAttribute = (typeof copied)[number] | (typeof choices)[number];

/** A property for each attribute, with the value of the attribute. `null` and `undefined` remove the attribute. */
export type SafelightImgProperties = { [Name in SafelightImgAttribute]: string | number | null | undefined };

/** `<safelight-img>`: shows an asset or an upload in the `<img>` inside it, by `heal()`. */
export interface SafelightImgElement extends HTMLElement, SafelightImgProperties {
  /** An uploaded asset, or an upload that is running. It takes precedence over `asset`. */
  source: UploadedAsset | UploadTask | null | undefined;
  /** The same, or a reference to an asset, also as JSON. Without a value, it is the attribute `asset`. */
  asset: UploadedAsset | UploadTask | AssetRef | string | null | undefined;
  readonly state: HealState | undefined;
  /** Starts again, after `gave-up` for example. */
  retry(): void;
}

/** The `detail` of the event `safelight-state`, which bubbles. */
export interface SafelightStateDetail extends HealDetail {
  readonly state: HealState;
}

declare global {
  interface HTMLElementTagNameMap {
    'safelight-img': SafelightImgElement;
  }

  interface GlobalEventHandlersEventMap {
    'safelight-state': CustomEvent<SafelightStateDetail>;
  }
}
