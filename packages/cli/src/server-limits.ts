import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';

/** The limits of a server on its connections. */
export interface ServerLimits {
  /** Further connections are closed at once. */
  readonly maxConnections: number;
  /** How long the head of a request may take, in milliseconds. */
  readonly headersTimeoutMs: number;
  /** How long a request may take, with its body, in milliseconds. An upload over a slow connection takes half an hour. */
  readonly requestTimeoutMs: number;
  /** How long a connection may be unused between two requests, in milliseconds: longer than proxies use it. */
  readonly keepAliveMs: number;
  /** How long a connection may be without a byte in either direction, in milliseconds: a reader that has stopped. */
  readonly idleMs: number;
}

/** Files of this process besides those of connections: libraries, the log, processes that decode pictures. */
const otherFiles = 100;
/** A connection, the file that it reads, and the file that it writes. */
const filesPerConnection = 3;

/** @param maxOpenFiles - how many files and connections the process may have open */
export function serverLimits(maxOpenFiles: number): ServerLimits {
  const connections = Math.floor((maxOpenFiles - otherFiles) / filesPerConnection);
  return {
    maxConnections: Math.max(20, Math.min(10_000, connections)),
    headersTimeoutMs: 20_000,
    requestTimeoutMs: 30 * 60_000,
    keepAliveMs: 75_000,
    idleMs: 120_000,
  };
}

export function applyLimits(server: Server, limits: ServerLimits): void {
  server.maxConnections = limits.maxConnections;
  server.headersTimeout = limits.headersTimeoutMs;
  server.requestTimeout = limits.requestTimeoutMs;
  server.keepAliveTimeout = limits.keepAliveMs;
  server.timeout = limits.idleMs;
}

/** The soft limit of this process on open files; 4096 where the system does not say it. */
export function maxOpenFiles(): number {
  try {
    const [, soft = ''] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return Number(soft) || 4_096;
  } catch {
    return 4_096;
  }
}
