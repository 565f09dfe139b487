import { nearName } from '@safelight/protocol';
import { z } from 'zod';
import { badRequest } from '../upload-api/api-error.ts';
import { type Fields, ListFields } from '../upload-api/submission.ts';

/** What an operation does with each parameter. */
export interface ParameterTable {
  /** The parameters that it takes, with their schemas. */
  readonly shape: z.ZodRawShape;
  /** Parameters of Cloudinary's API that are refused, each with what to do instead. */
  readonly refused: Readonly<Record<string, string>>;
  /** Parameters of Cloudinary's API that change nothing here, each with the reason. */
  readonly ignored: Readonly<Record<string, string>>;
  /** The parameters that may be empty. An empty value removes what was known. @default none */
  readonly clearing?: readonly string[] | undefined;
}

/**
 * Checks the parameters of a call. Empty ones count as absent, and so does one that is not offered while it is `false`:
 * the official MCP server always sends some of them.
 *
 * @throws {ApiError} 400 with the first parameter that is unknown, not offered, missing or wrong
 */
export function readParameters<Schema extends z.ZodType>(
  schema: Schema,
  { shape, refused, ignored, clearing = [] }: ParameterTable,
  fields: Fields,
): z.output<Schema> {
  const present: Record<string, unknown> = {};
  for (const [name, value] of fields) {
    if ((value === '' && !clearing.includes(name)) || Object.hasOwn(ignored, name) || ofEveryCall.has(name)) continue;
    const taken = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (taken !== undefined) present[name] = sentValue(fields, name, taken) ?? value;
    else if (!isOff(value)) throw badRequest(refusal(name, shape, refused));
  }
  const checked = schema.safeParse(present);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const name = String(issue?.path[0] ?? '');
  if (!Object.hasOwn(present, name)) throw badRequest(`Missing required parameter - ${name}`);
  const shown = (fields.get(name) ?? '').slice(0, maxShown);
  throw badRequest(`Invalid value for parameter ${name}: ${shown}. ${issue?.message}`);
}

const maxShown = 100;

/** Parameters that identify the caller. `_method` is of old SDKs. */
const ofEveryCall: ReadonlySet<string> = new Set(['api_key', 'signature', 'timestamp', 'cloud_name', '_method']);

/** The items of a list, if the schema takes a list: others take the same items as one text. */
function sentValue(fields: Fields, name: string, schema: z.core.$ZodType): readonly string[] | undefined {
  const items = fields instanceof ListFields ? fields.lists.get(name) : undefined;
  return items !== undefined && z.safeParse(schema, items).success ? items : undefined;
}

function isOff(value: string): boolean {
  return value === 'false' || value === '0';
}

function refusal(name: string, shape: z.ZodRawShape, refused: ParameterTable['refused']): string {
  const instead = Object.hasOwn(refused, name) ? refused[name] : undefined;
  if (instead !== undefined) return `Parameter ${name} is not offered here. ${instead}`;
  const near = nearName(name, Object.keys(shape));
  const hint = near === undefined ? `Offered: ${Object.keys(shape).join(', ') || 'none'}.` : `Do you mean ${near}?`;
  return `Unknown parameter ${name.slice(0, maxShown)}. ${hint}`;
}
