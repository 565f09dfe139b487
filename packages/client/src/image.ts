export { type HealDetail, type Healing, type HealOptions, type HealState, heal } from './image/heal.ts';
export { defineSafelightImg, type SafelightImgElement, type SafelightStateDetail } from './image/safelight-img.ts';
