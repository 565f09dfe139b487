import { type CloudinaryCall, cloudinaryCalls } from './calls.ts';
import { callRefusal, type OperationVerdict, operationVerdicts } from './verdicts.ts';

type Table = (head: readonly string[], rows: readonly (readonly string[])[]) => string;

/** @param table - formats a table in Markdown */
export function compatibilityPage(generated: string, table: Table): string {
  const calls = (kind: 'uploader' | 'api' | 'mcp'): string =>
    table(['call', 'request', 'here'], [...cloudinaryCalls].flatMap((call) => callRows(call, kind)).sort(byName));
  const parameters = (api: OperationVerdict['api']): string =>
    merged(operationVerdicts().filter((one) => one.api === api))
      .map((one) => section(one, table))
      .join('\n\n');
  return `${generated}

# Compatibility with Cloudinary's API

Each call of the upload and Admin API, and each parameter. _supported_: the server does it. _refused_: the response is
400, and its message has the reason. _ignored_: the call succeeds, and the parameter changes nothing. The tables come from the code that reads requests, and a test sends a request for each refused or ignored entry.

A refused parameter that is empty, \`false\` or \`0\` is accepted, because some tools always send it. The upload API ignores
unknown parameters, as Cloudinary does. The Admin API refuses them, and proposes a similar name. Transformations have
[their own page](parameters.md). \`GET /_safelight/openapi.json\` has the same operations as an OpenAPI document.

## Calls of the upload API

The methods of \`cloudinary.v2.uploader\` of the Node SDK. All SDKs have the same calls. Methods that only build a string or
a form are in the row of the call that they prepare.

${calls('uploader')}

## Calls of the Admin API

The methods of \`cloudinary.v2.api\`.

${calls('api')}

## Tools of the MCP server

The tools of \`@cloudinary/asset-management-mcp\`. \`get-tx-reference\` sends no request to the server: it reads a page of
Cloudinary's documentation, and Safelight offers only a part of these transformations.

${calls('mcp')}

## Parameters of the upload API

All calls also take \`api_key\`, \`timestamp\` and \`signature\`, or Basic authorization.

${parameters('Upload API')}

## Parameters of the Admin API

The type of delivery in a path must be \`upload\`. Parameters of paths are not in these tables.

${parameters('Admin API')}
`;
}

function byName([first = '']: readonly string[], [second = '']: readonly string[]): number {
  return first < second ? -1 : 1;
}

function callRows(call: CloudinaryCall, kind: 'uploader' | 'api' | 'mcp'): readonly (readonly string[])[] {
  const refusal = callRefusal(call.request);
  const here = refusal === undefined ? 'supported' : `refused: ${withoutName(refusal)}`;
  return (call[kind] ?? []).map((name) => [`\`${name}\``, `\`${call.request}\``, here]);
}

/** The message without its first sentence, which says that the call is not offered. */
function withoutName(message: string): string {
  return message.replace(/^.*? is not offered here\. /, '');
}

interface MergedVerdict extends OperationVerdict {
  readonly requests: readonly string[];
}

/** Joins the operations that differ in their paths only. */
function merged(verdicts: readonly OperationVerdict[]): readonly MergedVerdict[] {
  const all = new Map<string, MergedVerdict>();
  for (const verdict of verdicts) {
    const { name, supported, refused, ignored } = verdict;
    const key = JSON.stringify([name, supported, refused, ignored]);
    const requests = [...(all.get(key)?.requests ?? []), verdict.request];
    all.set(key, { ...verdict, requests });
  }
  return [...all.values()];
}

function section({ name, requests, supported, refused, ignored }: MergedVerdict, table: Table): string {
  const rows = [
    ...(supported.length === 0 ? [] : [['supported', code(supported), '']]),
    ...grouped('refused', refused),
    ...grouped('ignored', ignored),
  ];
  const head = `### ${name}\n\n${requests.map((request) => `\`${request}\``).join(', ')}`;
  return `${head}\n\n${rows.length === 0 ? 'No parameters.' : table(['here', 'parameters', 'reason'], rows)}`;
}

function code(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

/** One row for each reason. */
function grouped(here: string, reasons: Readonly<Record<string, string>>): readonly (readonly string[])[] {
  const namesOf = (reason: string) => Object.keys(reasons).filter((name) => reasons[name] === reason);
  return [...new Set(Object.values(reasons))].map((reason) => [here, code(namesOf(reason)), reason]);
}
