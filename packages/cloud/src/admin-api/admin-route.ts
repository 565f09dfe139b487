import type { AdminOperation } from './operation.ts';
import { adminOperations } from './operations.ts';

/** The operation of a request, with the parameters of its path. */
export interface AdminMatch {
  readonly operation: AdminOperation;
  readonly pathFields: ReadonlyMap<string, string>;
}

/** The parameters of a path, and what each looks like. All others are one segment. */
const patterns: Readonly<Record<string, string>> = {
  resource_type: 'image|video|raw',
  type: 'upload',
  asset_id: '[0-9a-f]{32}',
  public_id: '.+',
  path: '.+',
  transformation: '.+',
};

const routes = adminOperations.map((operation) => {
  const source = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => `(?<${name}>${patterns[name] ?? '[^/]+'})`);
  return { operation, pattern: new RegExp(`^${source}$`, 's') };
});

/**
 * Finds the operation for a path below `/v1_1/{cloud}/`, in the order of the table.
 *
 * @param method - `HEAD` is read like `GET`
 * @param call - the decoded path, without a slash at its end
 */
export function findAdminOperation(method: string, call: string): AdminMatch | undefined {
  const wanted = method === 'HEAD' ? 'GET' : method;
  for (const { operation, pattern } of routes) {
    const groups = operation.method === wanted ? pattern.exec(call) : null;
    if (groups !== null) return { operation, pathFields: new Map(Object.entries(groups.groups ?? {})) };
  }
  return undefined;
}

/** The methods of the operations at a path. */
export function adminMethods(call: string): readonly string[] {
  return [...new Set(routes.filter(({ pattern }) => pattern.test(call)).map(({ operation }) => operation.method))];
}
