export { canonicalColour, type Rgba, toRgba } from './colour.ts';
export type { TransformationProblem } from './component-text.ts';
export type { Delivery, ResourceType } from './delivery.ts';
export {
  type DeliveryPathLimits,
  type DeliveryPathProblem,
  type DeliverySignature,
  deliveryStringToSign,
  formatDeliveryPath,
  type ParsedDelivery,
  parseDeliveryPath,
} from './delivery-path.ts';
export { type FailureClass, type FailureCode, type FailureKind, failureKinds } from './failure-code.ts';
export { InvalidTransformationError } from './invalid-transformation-error.ts';
export { type Parameter, type ParameterKey, parameterKeys, parameters } from './parameters.ts';
export { publicIdProblem } from './public-id.ts';
export { uploadStringToSign } from './signature.ts';
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
export {
  canonicalTransformation,
  formatTransformation,
  maxComponents,
  type ParsedTransformation,
  parseTransformation,
} from './transformation-text.ts';
export { compareVersions, isVersionText, nextVersion, readVersion, writeVersion } from './version.ts';
