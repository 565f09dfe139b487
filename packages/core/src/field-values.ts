/** The values of request fields, by their names in lower case; `null` where a field is absent. */
export type FieldValues = Readonly<Record<string, string | null>>;

/** Whether a request has these values in these fields. */
export type MatchesFields = (values: FieldValues) => boolean;
