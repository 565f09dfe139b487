export type { Delivery, ResourceType } from './delivery.ts';
export { type FailureClass, type FailureCode, type FailureKind, failureKinds } from './failure-code.ts';
export type {
  Angle,
  Crop,
  Effect,
  Gravity,
  ImageFormat,
  Quality,
  Size,
  Transformation,
  TransformationStep,
} from './transformation.ts';
