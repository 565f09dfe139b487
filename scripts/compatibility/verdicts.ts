import { adminOperations } from '../../packages/cloud/src/admin-api/operations.ts';
import { checkedParameters } from '../../packages/cloud/src/openapi/parameter-schemas.ts';
import { uploadOperations } from '../../packages/cloud/src/openapi/upload-operations.ts';
import { findRoute } from '../../packages/cloud/src/upload-api/api-route.ts';
import {
  ignoredParameters,
  ignoredParametersOf,
  refusedParameters,
} from '../../packages/cloud/src/upload-api/parameter-policy.ts';
import { uploadApiParameters } from './calls.ts';

/** What an operation does with its parameters. */
export interface OperationVerdict {
  readonly name: string;
  readonly api: 'Upload API' | 'Admin API';
  /** Method and path below `/v1_1/{cloud}/`. */
  readonly request: string;
  readonly supported: readonly string[];
  /** Each with what to do instead. */
  readonly refused: Readonly<Record<string, string>>;
  /** Each with the reason. */
  readonly ignored: Readonly<Record<string, string>>;
}

const examples: Readonly<Record<string, string>> = { resource_type: 'image', asset_id: 'a'.repeat(32), cloud: 'demo' };

/** Method and target of a request, with examples in place of the parameters of its path. */
export function exampleOf(request: string): { readonly method: string; readonly target: string } {
  const [method = '', template = ''] = request.split(' ');
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => examples[name] ?? 'example');
  return { method, target: path.startsWith('/') ? path : `/v1_1/demo/${path}` };
}

/**
 * Asks the router of the server.
 *
 * @returns the message with which a call is refused; `undefined` when it is supported
 * @throws {Error} when the path does not belong to the server
 */
export function callRefusal(request: string): string | undefined {
  const { method, target } = exampleOf(request);
  const route = findRoute(method, target, 'demo');
  if (route === undefined) throw new Error(`Safelight does not respond to ${request}.`);
  return route.operation === 'refused' ? route.refusal.message : undefined;
}

/** Reads the tables by which the server checks parameters. */
export function operationVerdicts(): readonly OperationVerdict[] {
  return [...uploadVerdicts(), ...adminVerdicts()];
}

function uploadVerdicts(): readonly OperationVerdict[] {
  return uploadOperations.map(({ name, path, schema, more }) => {
    const supported = [...more, ...Object.keys(checkedParameters(schema).properties)];
    const reasons = { ...ignoredParameters, ...ignoredParametersOf[name] };
    const names = uploadApiParameters[name] ?? [...Object.keys(refusedParameters), ...Object.keys(reasons)];
    const others = names.filter((parameter) => !supported.includes(parameter));
    const pick = (table: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(table).filter(([parameter]) => others.includes(parameter)));
    const verdict = { refused: pick(refusedParameters), ignored: pick(reasons) };
    return { name, api: 'Upload API', request: `POST ${path.replace('/v1_1/{cloud}/', '')}`, supported, ...verdict };
  });
}

function adminVerdicts(): readonly OperationVerdict[] {
  return adminOperations.map(({ name, method, path, shape, refused, ignored }) => {
    const offered = Object.keys(shape).filter((parameter) => parameter !== 'type' || !path.includes('{type}'));
    const isOther = ([parameter]: [string, string]) => !offered.includes(parameter);
    const others = Object.fromEntries(Object.entries(refused).filter(isOther));
    return {
      name,
      api: 'Admin API',
      request: `${method} ${path.replace('{type}', 'upload')}`,
      supported: offered.filter((parameter) => !path.includes(`{${parameter}}`)),
      // The operation looks at `ignored` first.
      refused: Object.fromEntries(Object.entries(others).filter(([parameter]) => !Object.hasOwn(ignored, parameter))),
      ignored,
    };
  });
}
