/**
 * A transformation is not valid. Test for it by `name` instead of `instanceof`, because an application may have two
 * copies of this package.
 *
 * @example
 * try {
 *   formatTransformation([{ width: 0 }]);
 * } catch (error) {
 *   if (error instanceof Error && error.name === 'InvalidTransformationError') console.error(error.message);
 * }
 */
export class InvalidTransformationError extends TypeError {
  override readonly name = 'InvalidTransformationError' as const;
  /** `not_offered`: the parameter is valid at Cloudinary, but Safelight does not offer it. */
  readonly code: 'bad_transformation' | 'not_offered';
  /** The parameter that is wrong, such as `w_0`. */
  readonly piece: string;
  /** A similar text that is valid, if there is one. */
  readonly suggestion: string | undefined;

  constructor(code: 'bad_transformation' | 'not_offered', message: string, piece: string, suggestion?: string) {
    super(message);
    this.code = code;
    this.piece = piece;
    this.suggestion = suggestion;
  }
}
