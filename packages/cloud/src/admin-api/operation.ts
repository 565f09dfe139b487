import type { AdminResponses } from '@safelight/protocol';
import { z } from 'zod';
import type { ResponseSettings } from '../upload-api/describe-asset.ts';
import type { Fields } from '../upload-api/submission.ts';
import type { ApiContext } from '../upload-api/upload-api-options.ts';
import { type ParameterTable, readParameters } from './read-parameters.ts';

/** What an operation works with. */
export interface AdminCall {
  readonly context: ApiContext;
  readonly settings: ResponseSettings;
}

/** An operation of the Admin API. */
export interface AdminOperation extends ParameterTable {
  readonly name: keyof AdminResponses;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/v1_1/{cloud}/`. `{name}` stands for one segment, or for the rest of the path. */
  readonly path: string;
  readonly summary: string;
  /** @throws {ApiError} */
  run(parameters: Fields, call: AdminCall): Promise<AdminResponses[keyof AdminResponses]>;
}

interface Definition<Name extends keyof AdminResponses, Shape extends z.ZodRawShape>
  extends Pick<AdminOperation, 'method' | 'path' | 'summary'> {
  readonly name: Name;
  readonly shape: Shape;
  readonly refused?: ParameterTable['refused'];
  readonly ignored?: ParameterTable['ignored'];
  readonly clearing?: ParameterTable['clearing'];
  readonly run: (input: z.output<z.ZodObject<Shape>>, call: AdminCall) => Promise<AdminResponses[Name]>;
}

/** Defines an operation. Its parameters are checked before it runs. */
export function operation<Name extends keyof AdminResponses, Shape extends z.ZodRawShape>(
  definition: Definition<Name, Shape>,
): AdminOperation {
  const { shape, refused = {}, ignored = {}, clearing, run } = definition;
  const schema = z.object(shape);
  const table = { shape, refused, ignored, clearing };
  return {
    ...definition,
    ...table,
    run: async (parameters, call) => run(readParameters(schema, table, parameters), call),
  };
}
