export { type HealDetail, type Healing, type HealOptions, type HealState, heal } from './image/heal.ts';
export { defineSafelightImg } from './image/safelight-img.ts';
export type {
  SafelightImgElement,
  SafelightImgProperties,
  SafelightStateDetail,
} from './image/safelight-img-element.ts';
