/** A JSON Schema of draft 2020-12, or a reference to one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The parts of an OpenAPI 3.1 document that the document of a cloud has. */
export interface OpenApiDocument extends Readonly<Record<string, unknown>> {
  readonly openapi: string;
  readonly info: Readonly<Record<string, unknown>>;
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly parameters: Readonly<Record<string, ParameterObject>>;
    readonly responses: Readonly<Record<string, unknown>>;
    readonly securitySchemes: Readonly<Record<string, unknown>>;
  };
}

export interface OperationObject {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly (ParameterObject | Reference)[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: Readonly<Record<string, { readonly schema: JsonSchema | Reference }>>;
  };
  readonly responses: Readonly<Record<string, unknown>>;
}

export interface ParameterObject {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
  /** Lists are texts with commas between them. */
  readonly style?: 'form';
  readonly explode?: boolean;
}

export interface Reference {
  readonly $ref: string;
}

/** An operation and its place in the document. */
export interface PlacedOperation {
  /** Below the path that the server is mounted at. `{name}` stands for a parameter of the path. */
  readonly path: string;
  readonly method: 'get' | 'post' | 'put' | 'delete';
  readonly operation: OperationObject;
  /** The schemas of the body, by name. */
  readonly bodySchemas?: Readonly<Record<string, JsonSchema>>;
}

export function schemaReference(name: string): Reference {
  return { $ref: `#/components/schemas/${name}` };
}
