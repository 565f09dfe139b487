export { type Healing, heal } from './image/heal.ts';
export type { HealDetail, HealOptions, HealState } from './image/heal-options.ts';
export { defineSafelightImg } from './image/safelight-img.ts';
export type {
  SafelightImgElement,
  SafelightImgProperties,
  SafelightStateDetail,
} from './image/safelight-img-element.ts';
