import type { IncomingMessage } from 'node:http';
import type { ApiResponses } from '@safelight/protocol';
import type { ControlResponse } from './control-response.ts';
import type { DiagnosisFacts } from './diagnosis-facts.ts';

/** The facts that a mount knows about one of its URLs. */
export type UrlFacts = Pick<
  DiagnosisFacts,
  'refused' | 'delivery' | 'found' | 'original' | 'versionExists' | 'isArriving'
>;

/** A request for a control route of one cloud. */
export interface ControlQuestion {
  readonly operation: 'asset_status' | 'received_parts';
  /** The path below that of the operation, without the query: of an asset, its resource type and public ID. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Whether there is only one mount, so that the request need not name it. */
  readonly isOnlyMount: boolean;
}

/** What a mount adds to the control routes. */
export interface Explainer {
  /** Whether a path and query, below the path that the server is mounted at, belong to this mount. */
  owns(path: string): boolean;
  /**
   * Looks up the facts about a URL. It only reads.
   *
   * @param path - path and query, below the path that the server is mounted at
   * @returns `undefined` when the URL does not belong to this mount
   */
  factsOf(path: string): Promise<UrlFacts> | undefined;
  /** Whether a request has the key and secret of this mount. */
  isAdministrator(req: IncomingMessage): boolean;
  /**
   * Describes the API of this mount as an OpenAPI document. It is the same for all mounts that have it.
   *
   * @param path - the path that the server is mounted at, without a slash at its end
   */
  readonly apiDocument?: (path: string) => Promise<ApiResponses['openapi']>;
  /** Responds to a request for a control route. @returns `undefined` when the request is not for this mount */
  respond(req: IncomingMessage, question: ControlQuestion): Promise<ControlResponse> | undefined;
}
