import type { IncomingMessage } from 'node:http';
import type { ControlResponse } from './control-response.ts';
import type { DiagnosisFacts } from './diagnosis-facts.ts';

/** The facts that a mount has about one of its URLs. */
export type UrlFacts = Pick<
  DiagnosisFacts,
  'refused' | 'delivery' | 'found' | 'original' | 'versionExists' | 'isArriving'
>;

/** A request for the status of an asset. */
export interface ControlQuestion {
  /** Resource type and public ID: the path behind `/_safelight/assets/`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Whether there is no other mount that the request could be for. */
  readonly isOnlyMount: boolean;
}

/** What a mount adds to the control routes. */
export interface Explainer {
  /**
   * Returns the facts about a URL. It only reads.
   *
   * @param path - path and query, below the place where the server is mounted
   * @returns `undefined` when the URL is not one of this mount
   */
  factsOf(path: string): Promise<UrlFacts> | undefined;
  /** Whether a request carries the key and secret of this mount. */
  isAdministrator(req: IncomingMessage): boolean;
  /** @returns `undefined` when the question is not about this mount */
  respond(req: IncomingMessage, question: ControlQuestion): Promise<ControlResponse> | undefined;
}
