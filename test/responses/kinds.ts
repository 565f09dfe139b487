import type { OutgoingHttpHeaders } from 'node:http';
import type { Reply, Request } from './ask-http2.ts';
import { type Site, upload } from './site.ts';

/** A kind of response that Safelight sends. */
export interface Kind {
  readonly name: string;
  readonly status: number;
  /** The path of a GET or HEAD. */
  readonly path: (key: number, site: Site) => string;
  /** Whether the same path is requested once before, so that the response is cached or held. */
  readonly isWarm?: boolean;
  /** @param warm - the response to the first request */
  readonly headers?: (warm: Reply | undefined) => OutgoingHttpHeaders;
  /** The request, when it is not a GET. */
  readonly request?: Request;
  /** A name that Safelight itself adds to `Vary`. */
  readonly vary?: 'accept';
  /** Whether a HEAD gets the same headers. @default true for a GET */
  readonly hasHead?: boolean;
  /** The response to a HEAD is the handler's own, unchanged: a HEAD that finds nothing cached begins no run. */
  readonly isOwnToHead?: boolean;
  /** Only over HTTP/1: over HTTP/2 a handler writes to its own client, so its responses are not cached. */
  readonly isHttp1?: boolean;
  /** Whether shared caches may store it. */
  readonly isPublic?: boolean;
}

const derivative = (key: number) => `/demo/image/upload/f_auto,w_${key}/cat`;
const etagOf = (reply: Reply | undefined) => String(reply?.headers.etag);
const matching = (reply: Reply | undefined) => ({ 'if-none-match': etagOf(reply) });
const asJson = () => ({ accept: 'application/json' });
const warmDerivative = { path: derivative, isWarm: true, vary: 'accept', isPublic: true } as const;
const handlers = { isHttp1: true, vary: 'accept', isPublic: true } as const;
const newHandlers = { ...handlers, isOwnToHead: true } as const;
const preflight = {
  method: 'OPTIONS',
  headers: { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-range' },
} as const;

export const kinds: readonly Kind[] = [
  { name: 'a derivative, from a buffer', status: 200, path: derivative, vary: 'accept', isPublic: true },
  {
    name: 'a derivative, streamed',
    status: 200,
    path: (key) => `/demo/image/upload/f_auto,h_1,w_${key}/cat`,
    vary: 'accept',
    isPublic: true,
  },
  { name: 'a cached derivative', status: 200, ...warmDerivative },
  {
    name: 'a cached derivative of a version',
    status: 200,
    ...warmDerivative,
    path: (key, { version }) => `/demo/image/upload/f_auto,w_${key}/v${version}/cat`,
  },
  { name: 'a derivative, 304', status: 304, ...warmDerivative, headers: matching },
  {
    name: 'a derivative, 206',
    status: 206,
    ...warmDerivative,
    headers: () => ({ range: 'bytes=1-9' }),
    hasHead: false,
  },
  {
    name: 'a derivative, 206 with two parts',
    status: 206,
    ...warmDerivative,
    headers: () => ({ range: 'bytes=1-9,100-109' }),
    hasHead: false,
  },
  {
    name: 'a derivative, 416',
    status: 416,
    path: derivative,
    isWarm: true,
    headers: () => ({ range: 'bytes=9999-' }),
    hasHead: false,
  },
  { name: 'a derivative, 412', status: 412, path: derivative, isWarm: true, headers: () => ({ 'if-match': '"dog"' }) },
  { name: 'a handler’s response, from a buffer', status: 200, path: (key) => `/cached/whole/${key}`, ...newHandlers },
  { name: 'a handler’s response, streamed', status: 200, path: (key) => `/cached/streamed/${key}`, ...newHandlers },
  { name: 'a handler’s response, cached', status: 200, path: (key) => `/cached/${key}`, isWarm: true, ...handlers },
  {
    name: 'a handler’s response, 304',
    status: 304,
    path: (key) => `/cached/${key}`,
    isWarm: true,
    headers: matching,
    ...handlers,
  },
  {
    name: 'a handler’s response that is new, 304',
    status: 304,
    path: (key) => `/cached/${key}`,
    headers: () => ({ 'if-none-match': '"cat"' }),
    ...newHandlers,
  },
  // When a HEAD fails, no failure is held, and the handler's response is sent.
  { name: 'a new failure', status: 404, path: (key) => `/failing/${key}`, hasHead: false, isPublic: true },
  { name: 'a held failure', status: 404, path: (key) => `/failing/${key}`, isWarm: true, isPublic: true },
  { name: 'a held failure as JSON', status: 404, path: (key) => `/failing/${key}`, isWarm: true, headers: asJson },
  {
    name: 'a new failure with a placeholder',
    status: 404,
    path: (key) => `/held-place/${key}`,
    hasHead: false,
    isPublic: true,
  },
  {
    name: 'a held failure with a placeholder',
    status: 404,
    path: (key) => `/held-place/${key}`,
    isWarm: true,
    isPublic: true,
  },
  { name: 'a missing original', status: 404, path: (key) => `/demo/image/upload/missing-${key}`, isPublic: true },
  {
    name: 'a missing original with a placeholder, held',
    status: 404,
    path: (key) => `/held/image/upload/missing-${key}`,
    isWarm: true,
    isPublic: true,
  },
  {
    name: 'a URL that is refused',
    status: 400,
    path: (key) => `/demo/image/upload/w_x${key}/cat.jpg`,
    headers: asJson,
  },
  { name: 'an explanation', status: 200, path: (key) => `/_safelight/why?url=/demo/image/upload/${key}` },
  { name: 'a question that is refused', status: 400, path: () => '/_safelight/why' },
  { name: 'the status of an asset', status: 200, path: () => '/_safelight/assets/image/cat?cloud=demo' },
  {
    name: 'the parts of an upload',
    status: 200,
    path: () => '/_safelight/uploads?cloud=demo',
    headers: () => ({ 'x-unique-upload-id': '0123456789abcdef' }),
  },
  { name: 'an upload', status: 200, path: () => '', request: upload },
  { name: 'an upload that is refused', status: 400, path: () => '', request: { ...upload, body: '{}' } },
  { name: 'a call that is refused', status: 401, path: () => '/v1_1/demo/ping' },
  { name: 'a preflight of an upload', status: 204, path: () => '', request: { ...preflight, path: upload.path } },
  {
    name: 'a preflight of a question',
    status: 204,
    path: () => '',
    request: { ...preflight, path: '/_safelight/why' },
  },
];
