export { type HealDetail, type Healing, type HealOptions, type HealState, heal } from './image/heal.ts';
