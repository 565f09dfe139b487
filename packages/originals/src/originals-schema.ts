/**
 * The form of the records of originals, and of the folders that they are in. Increase it whenever an older release could
 * misread a record. All older forms have to stay readable: an original cannot be made again.
 */
export const originalsSchema = 1;

/** The schema of records and folders that say none: the first release wrote no number. */
export const firstSchema = 1;

/** Which schemas this release reads. */
const knownSchemas: readonly number[] = [originalsSchema];

export function isKnownSchema(schema: number): boolean {
  return knownSchemas.includes(schema);
}

/** What was found is of another release, and nothing that this release can judge: neither there nor absent. */
export class UnknownSchemaError extends Error {
  override readonly name = 'UnknownSchemaError' as const;
  readonly schema: number;

  /**
   * @param what - names the place, as the subject of a sentence
   * @param schema - the number that was found there
   * @param otherwise - what else helps, besides another release
   */
  constructor(what: string, schema: number, otherwise = '') {
    const known = `this release of Safelight knows only schema ${knownSchemas.join(' and ')}`;
    super(
      `${what} has schema ${schema}, but ${known}. Start the release that wrote it, or a later one${otherwise}. Nothing in it has been changed.`,
    );
    this.schema = schema;
  }
}
