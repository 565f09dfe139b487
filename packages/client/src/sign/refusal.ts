/** A request that is not signed. Its status and message are sent to the caller, so they have no secret. */
export class Refusal extends Error {
  override readonly name = 'Refusal' as const;
  readonly status: 400 | 403 | 405 | 413 | 415;

  constructor(status: Refusal['status'], message: string) {
    super(message);
    this.status = status;
  }
}
