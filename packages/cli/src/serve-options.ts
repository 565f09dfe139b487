import type { RemoteFilesOptions } from '@safelight/cloud';
import type { Backoff } from '@safelight/protocol';

/** The options of `serve()`, one for each flag of `safelight serve`. Those without a default are required. */
export interface ServeOptions {
  /** The port to listen on, 0 to 65535. 0 takes any free port. */
  readonly port: number;
  /** The address to listen on, such as `127.0.0.1`. */
  readonly host: string;
  /** The folder for originals and cached derivatives. It is created when it does not exist. */
  readonly data: string;
  /** The bucket of the originals: `s3://bucket/prefix`. @default files of the data folder */
  readonly originals?: string | undefined;
  /** The place of cached derivatives: `s3://bucket/prefix`, or the path of a folder. @default files of the data folder */
  readonly derivatives?: string | undefined;
  /** The endpoint of a server other than AWS, such as `https://s3.example.org`. @default AWS */
  readonly s3Endpoint?: string | undefined;
  /** Space for cached derivatives, on the disk or in the bucket, in megabytes of 1024 × 1024 bytes. 0 turns caching off. */
  readonly cacheMegabytes: number;
  /** How many older versions of an original stay beside the current one. 0: only the current one. */
  readonly keepVersions: number;
  /**
   * Where the index of assets is, which lists and searches need. `embedded`: a file in the data folder, for one process.
   * `none`: lists and searches are refused.
   */
  readonly index: 'embedded' | 'none';
  /** The name of the cloud: the first segment of delivery URLs. */
  readonly cloud: string;
  /** The key for signed calls. Give it together with `apiSecret`; without them, signed calls are refused. */
  readonly apiKey: string | undefined;
  /** The secret that belongs to `apiKey`. */
  readonly apiSecret: string | undefined;
  /** The names of the presets for unsigned uploads. Without one, unsigned uploads are refused. */
  readonly uploadPresets: readonly string[];
  /** From where the file of a signed upload may be fetched when it is a URL. @default no URL is fetched */
  readonly remoteFiles: RemoteFilesOptions | undefined;
  /** The origin of the URLs in upload responses, such as `https://img.example.org`. @default that of the request */
  readonly deliveryOrigin: string | undefined;
  /**
   * The proxies in front, which name the address, the host and the scheme of a client: their number, or their addresses, as
   * `trust proxy` of Express. @default none
   */
  readonly trustProxy: string | undefined;
  /** A `redis:` or `rediss:` URL. Without one, failures are remembered in this process. */
  readonly store: string | undefined;
  /** The placeholder for missing pictures: `drawn`, `none`, or the path of an image file. */
  readonly placeholder: string;
  /** The path of a JSON file with named transformations: an object of texts by name. */
  readonly transformations: string | undefined;
  /** How long failures are held, in milliseconds. The wait doubles with each failure, from `firstMs` to `maxMs`. */
  readonly backoff: Readonly<Record<'permanent' | 'transient', Backoff>>;
  /** Called with each message for the operator of the server. A message is one line. */
  readonly say: (line: string) => void;
}

/** Returns one line with the calls that the server will refuse because credentials are missing, or `undefined`. */
export function missingCredentials({
  apiKey,
  uploadPresets,
}: Pick<ServeOptions, 'apiKey' | 'uploadPresets'>): string | undefined {
  const refused = [
    ...(apiKey === undefined ? ['signed calls are refused (they need --api-key and --api-secret)'] : []),
    ...(uploadPresets.length === 0 ? ['unsigned uploads are refused (they need --upload-preset)'] : []),
  ];
  return refused.length === 0 ? undefined : refused.join('; ');
}
