import { readFileSync } from 'node:fs';
import { serverLimits } from '../packages/cli/src/server-limits.ts';

/** Where an option is described, and how a user writes it. */
interface LimitSource {
  readonly file: string;
  readonly interfaceName: string;
  /** Before the name of the option, such as `body.`. */
  readonly prefix: string;
  /** @default all members */
  readonly names?: readonly string[];
}

const cloudSources: readonly LimitSource[] = [
  { file: 'packages/cloud/src/cloud-options.ts', interfaceName: 'CloudOptions', prefix: '', names: ['maxUploadBytes'] },
  { file: 'packages/cloud/src/upload-api/body/body-limits.ts', interfaceName: 'BodyOptions', prefix: 'body.' },
  { file: 'packages/cloud/src/upload-api/incoming-limits.ts', interfaceName: 'IncomingOptions', prefix: 'incoming.' },
  {
    file: 'packages/cloud/src/upload-api/remote/remote-files-options.ts',
    interfaceName: 'RemoteFilesOptions',
    prefix: 'remoteFiles.',
    names: ['maxBytes', 'timeoutMs', 'maxIdleMs', 'maxRedirects', 'maxConcurrent'],
  },
  { file: 'packages/cloud/src/upload-api/part-limits.ts', interfaceName: 'PartsOptions', prefix: 'parts.' },
  { file: 'packages/core/src/handler.ts', interfaceName: 'HandlerLimits', prefix: 'limits.' },
  { file: 'packages/protocol/src/delivery-path.ts', interfaceName: 'DeliveryPathLimits', prefix: 'urlLimits.' },
];

const sharpSources: readonly LimitSource[] = [
  {
    file: 'packages/sharp/src/sharp-handler.ts',
    interfaceName: 'SharpHandlerOptions',
    prefix: '',
    names: ['concurrency', 'maxWaiting', 'maxWaitMs', 'timeoutMs', 'maxMemoryBytes', 'maxInputPixels'],
  },
  { file: 'packages/sharp/src/original-limits.ts', interfaceName: 'OriginalLimitOptions', prefix: '' },
];

const safelightSources: readonly LimitSource[] = [
  {
    file: 'packages/core/src/guard-options.ts',
    interfaceName: 'GuardOptions',
    prefix: '',
    names: ['timeoutMs', 'maxWaiters', 'maxPendingMs', 'maxStaleMs'],
  },
  {
    file: 'packages/express/src/safelight-options.ts',
    interfaceName: 'SafelightOptions',
    prefix: '',
    names: ['whyRate'],
  },
];

/**
 * The rows of an interface: option, default and meaning, from its docstrings.
 * @throws {Error} when the interface or an option of the list is not there
 */
function rowsOf({ file, interfaceName, prefix, names }: LimitSource): readonly (readonly string[])[] {
  const source = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
  const body = new RegExp(`export interface ${interfaceName}\\b[^{]*\\{\\n([\\s\\S]*?)\\n\\}`).exec(source)?.[1];
  if (body === undefined) throw new Error(`${file} has no interface ${interfaceName}.`);
  const members = [...body.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(?:readonly )?(\w+)\??:/g)].map(
    ([, doc = '', name = '']) => {
      const text = doc
        .replace(/\n\s*\* ?/g, ' ')
        .replace(/\s+/g, ' ')
        .trim();
      const [meaning = '', fallback = ''] = text.split(/\s*@default\s*/);
      return { name, row: [`\`${prefix}${name}\``, fallback.replace(/^(\d[\d_]*)/, '`$1`'), meaning] };
    },
  );
  const wanted = names ?? members.map(({ name }) => name);
  return wanted.map((wantedName) => {
    const member = members.find(({ name }) => name === wantedName);
    if (member === undefined) throw new Error(`${interfaceName} in ${file} has no documented member ${wantedName}.`);
    return member.row;
  });
}

function rowsOfServe(): readonly (readonly string[])[] {
  const seconds = (ms: number): string => `${ms / 1000} s`;
  const { headersTimeoutMs, requestTimeoutMs, keepAliveMs, idleMs } = serverLimits(1024);
  return [
    ['connections', 'a third of the open files that the system allows, less 100; at most 10,000'],
    ['the head of a request', seconds(headersTimeoutMs)],
    ['a request with its body', seconds(requestTimeoutMs)],
    ['a connection between two requests', seconds(keepAliveMs)],
    ['a connection without a byte, such as that of a reader that has stopped', seconds(idleMs)],
  ];
}

/** Bounds that are not options, because no application has asked for another value. */
const fixedRows: readonly (readonly string[])[] = [
  [
    'the rest of a request that was refused',
    '10 s, 5 s without a byte; 16 MiB are read; then the connection is closed',
  ],
  [
    'a placeholder in the size of the missing picture',
    '1,000,000 pixels, 256 KiB, 5 s with its waiting; 100 wait; 5,000 of them, or 16 MB, are in memory',
  ],
  [
    'time for drawing placeholders in the requested sizes',
    'one at a time, 3 s at once, then a twentieth of the time; further ones have the nearest of a few sizes: 100, 200 or 400 pixels for the longer side, and twelfths of it for the shorter side',
  ],
  ['a captured error page', '64 KiB each; 8 MB in a process, 1 MiB in a shared store'],
  ['an SVG, or another original that has taken too long with one step', 'its other sizes are `busy` for 60 s'],
  ['the URL of a remote file', '8,192 bytes; the head of its response 16 KiB'],
  ['decoding an uploaded picture once, to refuse a damaged one', '1 s; not while all slots are busy'],
  ['facts of one asset', '1,000 tags, 1,000 pairs of context, 16,384 characters of metadata'],
  ['public IDs of one command for tags or context', '1,000; of one deletion 100'],
  ['the boundary of a multipart body', '70 characters (RFC 2046)'],
  [
    'waiting pictures of one client address, or of one asset',
    '`maxWaiting`; when there are more, the newest of the address with the most is `busy`, of its asset with the most',
  ],
  ['client addresses that are counted for the rate of control routes', '10,000'],
];

/** @param table - formats a table in Markdown */
export function limitsPage(
  generated: string,
  table: (head: readonly string[], rows: readonly (readonly string[])[]) => string,
): string {
  const options = (sources: readonly LimitSource[]): string =>
    table(['option', 'default', 'what it bounds, and why'], sources.flatMap(rowsOf));
  return `${generated}

# Limits

Each bound has a reason, and a value that can be changed if it is an option. A request over a bound gets a 4xx or a 503 that
names the bound. What a client can do with many requests, each within these bounds, is a matter of a rate limit in front of
the server.

## cloud()

${options(cloudSources)}

## sharpHandler()

Pictures are decoded in processes of their own. A picture that takes too long or too much memory ends its process and nothing
else.

${options(sharpSources)}

## createSafelight()

${options(safelightSources)}

## safelight serve

${table(['bound', 'value'], rowsOfServe())}

In your own server, set \`headersTimeout\`, \`requestTimeout\`, \`timeout\` and \`maxConnections\` of \`http.Server\`.

## Without an option

${table(['bound', 'value'], fixedRows)}

## Measured

\`pnpm soak --minutes 8\` on 2026-11-30, on 2 cores (Intel Xeon), Node v24.21.0: four polite clients, each tenth request for a
new size, beside one hostile client of each kind. The hostile clients send uploads that stall, parts that stall under one ID,
large bodies that are no calls, SVGs that are drawn for minutes, requests for missing pictures in random sizes as AVIF,
readers that stop, and malformed requests. Server, polite and hostile clients share the two cores. The hour ran beside test
suites on the same machine, so it has no times.

${table(
  ['', 'idle', 'with the hostile clients', 'aim'],
  [
    ['polite requests that failed', '0 of 4,604', '0 of 30,122', '0'],
    ['p50 of polite requests', '0.7 ms', '1.8 ms', ''],
    ['p99 of polite requests', '19 ms', '61 ms (3.2 times)', '3 times'],
    ['memory of the server', '142 MB', '338 MB after 80 s, 377 MB after 8 min', 'flat'],
    ['memory in an hour, each 10 min', '150 MB', '381, 403, 394, 346, 354, 364 MB', 'flat'],
    ['open files of the server', '31', '33 to 39', 'flat'],
  ],
)}

The aim for the p99 is missed by little: a polite request for a new size shares a core with a picture that takes all of its
time. Whether the memory is flat takes a longer run to say.
`;
}
