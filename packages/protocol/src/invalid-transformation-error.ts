/** A transformation that was written by hand cannot be expressed. Recognised by its name, so that two copies agree. */
export class InvalidTransformationError extends TypeError {
  override readonly name = 'InvalidTransformationError' as const;
  readonly code: 'bad_transformation' | 'not_offered';
  /** The parameter that is wrong, such as `w_0`. */
  readonly piece: string;
  /** What was probably meant, where something is near. */
  readonly suggestion: string | undefined;

  constructor(code: 'bad_transformation' | 'not_offered', message: string, piece: string, suggestion?: string) {
    super(message);
    this.code = code;
    this.piece = piece;
    this.suggestion = suggestion;
  }
}
