export const flowNames = [
  'guard',
  'cache-miss',
  'cache-hit',
  'cloud-miss',
  'cloud-hit',
  'upload',
  'client-upload',
] as const;

export type FlowName = (typeof flowNames)[number];

/** One kind of request to one server. */
export interface Flow {
  /** Done before each request, and not traced. */
  prepare?(): Promise<void>;
  /** Resolves when the response has been received completely; rejects when it is not the expected one. */
  request(): Promise<void>;
  close(): Promise<void>;
}
