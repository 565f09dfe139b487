import type { Backoff } from '@safelight/protocol';

/** The options of `safelight serve`. */
export interface ServeOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  /** Folder of everything that is kept; created when it is not there. */
  readonly data: string;
  /** Disk space for cached derivatives, in megabytes. 0: derivatives are not cached. */
  readonly cacheMegabytes: number;
  /** Cloud name: the first segment of delivery URLs. */
  readonly cloud: string;
  /** With `apiSecret`; without them signed calls are refused. */
  readonly apiKey: string | undefined;
  readonly apiSecret: string | undefined;
  /** Presets for unsigned uploads. */
  readonly uploadPresets: readonly string[];
  /** `redis:` or `rediss:` URL; without one, failures are remembered in this process. */
  readonly store: string | undefined;
  /** `drawn`, `none` or the path of an image file. */
  readonly placeholder: string;
  /** How long failures are held. */
  readonly backoff: Readonly<Record<'permanent' | 'transient', Backoff>>;
  /** Called with each message for the operator of the server; a message is a single line. */
  readonly say: (line: string) => void;
}

/** What such a server will refuse because credentials are missing, as one line; `undefined` when it refuses nothing. */
export function missingCredentials({
  apiKey,
  uploadPresets,
}: Pick<ServeOptions, 'apiKey' | 'uploadPresets'>): string | undefined {
  const refused = [
    ...(apiKey === undefined ? ['signed calls are refused (no --api-key and --api-secret)'] : []),
    ...(uploadPresets.length === 0 ? ['unsigned uploads are refused (no --upload-preset)'] : []),
  ];
  return refused.length === 0 ? undefined : refused.join('; ');
}
