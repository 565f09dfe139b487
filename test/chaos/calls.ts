import type { IncomingHttpHeaders } from 'node:http';
import { parseCacheStatus } from '@safelight/protocol';
import type { AssetType, Contents } from './contents.ts';
import type { Change, Read, Shown } from './history.ts';
import { apiKey, apiSecret, type Cluster } from './processes.ts';
import { type Response, send } from './send.ts';

/** An asset of one client. */
export interface Asset {
  readonly type: AssetType;
  readonly id: string;
}

/** The way of a call: through nginx, or to the server with this index. */
export type Way = 'nginx' | number;

export interface ReadOptions {
  readonly way: Way;
  /** The width of the picture. @default 2 */
  readonly width?: number;
  readonly version?: number | undefined;
}

/** Sends the calls of the clients, and writes the history of them. */
export interface Calls {
  readonly reads: readonly Read[];
  readonly changes: readonly Change[];
  read(asset: Asset, options: ReadOptions): Promise<Read>;
  /** @param slowMs - how long the file takes. @default it is sent at once */
  upload(asset: Asset, way: Way, slowMs?: number): Promise<Change>;
  rename(from: Asset, to: Asset, shown: string, way: Way): Promise<Change>;
  destroy(asset: Asset, way: Way): Promise<Change>;
}

export const nameOf = ({ type, id }: Asset): string => `${type}/${id}`;

/** A machine that is busy makes pictures slowly. */
const readTimeoutMs = 20_000;
const changeTimeoutMs = 20_000;
const authorization = `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString('base64')}`;
const boundary = 'chaos-boundary';

export function createCalls(cluster: Cluster, contents: Contents): Calls {
  const reads: Read[] = [];
  const changes: Change[] = [];
  let last = 0;

  function portOf(way: Way): number {
    return way === 'nginx' ? cluster.nginxPort : (cluster.servers[way]?.port ?? 0);
  }

  /** The server that has responded. nginx itself responds with 502 and 504. */
  function serverOf(way: Way, { status, headers }: Response): number | undefined {
    const isOfNginx = (status === 502 || status === 504) && headers['x-safelight-error'] === undefined;
    if (status === undefined || (way === 'nginx' && isOfNginx)) return undefined;
    if (way !== 'nginx') return way;
    // It lists the servers that nginx has tried.
    const port = Number(
      String(headers['x-upstream'])
        .split(/[,:\s]+/)
        .at(-1),
    );
    return cluster.servers.find((server) => server.port === port)?.index;
  }

  async function change(
    kind: Change['kind'],
    asset: Asset,
    { way, fields, shows, file, slowMs = 0 }: ChangeParts,
  ): Promise<Change> {
    const pieces = multipart(fields, file);
    const call = {
      method: 'POST',
      path: `/v1_1/demo/${asset.type}/${kind}`,
      headers: { authorization, 'content-type': `multipart/form-data; boundary=${boundary}` },
      pieces: slowMs > 0 ? pieces : [Buffer.concat(pieces)],
      pauseMs: slowMs / (pieces.length - 1),
      timeoutMs: changeTimeoutMs,
    } as const;
    last += 1;
    const number = last;
    const response = await send(portOf(way), call);
    const server = serverOf(way, response);
    const { startedAt, endedAt, status, headers, body } = response;
    const result = server === undefined ? 'lost' : resultOf(kind, Number(status), body);
    const version = result === 'acknowledged' ? readVersion(body) : undefined;
    const retryAfter = headers['retry-after'];
    const recorded: Change = {
      ...{ kind, number, startedAt, endedAt, server, status, result, version, retryAfter, shows },
      ...{ asset: nameOf(asset), isSlow: slowMs > 0 },
    };
    changes.push(recorded);
    return recorded;
  }

  return {
    reads,
    changes,
    async read(asset, { way, width = 2, version }) {
      const versionPart = version === undefined ? '' : `v${version}/`;
      const transformation = asset.type === 'image' ? `c_scale,w_${width}/` : '';
      const extension = asset.type === 'image' ? '.png' : '';
      const path = `/demo/${asset.type}/upload/${transformation}${versionPart}${asset.id}${extension}`;
      last += 1;
      const number = last;
      const response = await send(portOf(way), {
        ...{ method: 'GET', path, headers: { accept: 'image/png,*/*;q=0.8' }, timeoutMs: readTimeoutMs },
      });
      const { startedAt, endedAt, status, hasLeft, headers, body } = response;
      const code = headers['x-safelight-error'] as string | undefined;
      const shown = status === 200 ? await contents.nameOf(asset.type, body) : shownByError(code);
      const recorded: Read = {
        ...{ kind: 'read', number, startedAt, endedAt, status, hasLeft, code, version, shown },
        asset: nameOf(asset),
        derivation: asset.type === 'image' ? `w_${width}` : 'file',
        server: serverOf(way, response),
        source: sourceOf(headers),
        isStorable: !/no-store/.test(headers['cache-control'] ?? ''),
      };
      reads.push(recorded);
      return recorded;
    },
    async upload(asset, way, slowMs) {
      const { name, bytes } = await contents.create(asset.type);
      const fields = { public_id: asset.id };
      const shows = { [nameOf(asset)]: name };
      return change('upload', asset, { way, fields, shows, file: bytes, ...(slowMs ? { slowMs } : {}) });
    },
    rename: (from, to, shown, way) =>
      change('rename', to, {
        way,
        fields: { from_public_id: from.id, to_public_id: to.id, overwrite: 'true' },
        shows: { [nameOf(to)]: shown, [nameOf(from)]: null },
      }),
    destroy: (asset, way) =>
      change('destroy', asset, { way, fields: { public_id: asset.id }, shows: { [nameOf(asset)]: null } }),
  };
}

interface ChangeParts {
  readonly way: Way;
  readonly fields: Readonly<Record<string, string>>;
  readonly shows: Readonly<Record<string, Shown>>;
  readonly file?: Buffer;
  readonly slowMs?: number;
}

/** The fields, then the file in two pieces, then the end. */
function multipart(fields: Readonly<Record<string, string>>, file: Buffer | undefined): Buffer[] {
  const head = (name: string): string => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"`;
  const first = Object.entries(fields).map(([name, value]) => `${head(name)}\r\n\r\n${value}\r\n`);
  const end = Buffer.from(`\r\n--${boundary}--\r\n`);
  if (file === undefined) return [Buffer.from(first.join('').replace(/\r\n$/, '')), end];
  const fileHead = `${head('file')}; filename="file"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  const middle = Math.floor(file.length / 2);
  return [Buffer.from(first.join('') + fileHead), file.subarray(0, middle), file.subarray(middle), end];
}

function resultOf(kind: Change['kind'], status: number, body: Buffer): Change['result'] {
  if (status >= 500) return 'unconfirmed';
  if (status >= 400) return 'refused';
  return kind === 'destroy' && !/"(?:ok|not found)"/.test(body.toString()) ? 'refused' : 'acknowledged';
}

function readVersion(body: Buffer): number | undefined {
  const { version } = JSON.parse(body.toString()) as { readonly version?: number };
  return version;
}

function shownByError(code: string | undefined): Shown | undefined {
  return code === 'missing_original' || code === 'missing_version' ? null : undefined;
}

function sourceOf(headers: IncomingHttpHeaders): Read['source'] {
  const status = parseCacheStatus(String(headers['cache-status'] ?? '')).find(({ cache }) => cache === 'safelight');
  if (status === undefined) return undefined;
  if (status.hit === true) return 'stored';
  return status.collapsed === true ? 'joined' : 'run';
}
