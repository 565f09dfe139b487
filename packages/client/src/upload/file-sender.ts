import type { Http } from '../http.ts';
import type { ChunkSize } from './chunk-size.ts';
import type { SignUpload } from './upload-options.ts';

/** The parts of an uploader that send files. */
export interface FileSender {
  readonly http: Http;
  readonly cloudName: string;
  readonly uploadPreset?: string | undefined;
  readonly sign?: SignUpload | undefined;
  /** Larger files are sent in parts of this size. */
  readonly chunkSize: ChunkSize;
  /** Whether the server supports `Idempotency-Key`. */
  readonly idempotency: boolean;
  readonly clock: () => number;
  readonly random: () => number;
}
