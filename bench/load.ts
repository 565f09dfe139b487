import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import autocannon from 'autocannon';
import { installedVersion } from './installed-version.ts';

export interface Rates {
  readonly requestsPerSecond: number;
  readonly bytesPerSecond: number;
}

export interface Load {
  /** The program that makes the requests, for the line below the table. */
  readonly madeBy: string;
  /** Requests one URL again and again for a second. @throws {Error} when connections fail */
  (url: string, connections?: number): Promise<Rates>;
}

const defaultConnections = 20;

/**
 * Uses `wrk` when it is installed, otherwise autocannon. With a very fast server autocannon measures mostly itself. It
 * runs in this process, never in the process of a server.
 */
export function findLoad(): Load {
  const version = installedVersion('wrk', '-v');
  return version === undefined
    ? Object.assign(byAutocannon, { madeBy: 'autocannon, which limits the fastest of these servers (install wrk)' })
    : Object.assign(byWrk, { madeBy: `wrk ${version}, 1 thread` });
}

async function byWrk(url: string, connections = defaultConnections): Promise<Rates> {
  const script = fileURLToPath(new URL('load-summary.lua', import.meta.url));
  const { stdout } = await promisify(execFile)('wrk', ['-t1', `-c${connections}`, '-d1s', '-s', script, url]);
  const { requests, bytes, microseconds, faults } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  if (faults > 0) throw new Error(`${faults} connections to ${url} failed.`);
  const seconds = microseconds / 1e6;
  return { requestsPerSecond: requests / seconds, bytesPerSecond: bytes / seconds };
}

async function byAutocannon(url: string, connections = defaultConnections): Promise<Rates> {
  const { requests, throughput, errors } = await autocannon({ url, connections, duration: 1 });
  if (errors > 0) throw new Error(`${errors} connections to ${url} failed.`);
  return { requestsPerSecond: requests.average, bytesPerSecond: throughput.average };
}
