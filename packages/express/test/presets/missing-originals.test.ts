import assert from 'node:assert/strict';
import { type OutgoingHttpHeaders, request } from 'node:http';
import type { RequestHandler } from '@safelight/http';
import { ask, isHeld } from '../../../../test/servers/ask.ts';
import { casesOfRun } from '../../../../test/servers/cases-of-run.ts';
import { counted } from '../../../../test/servers/counted.ts';
import { scene } from '../../../../test/servers/scene.ts';
import {
  closeServers,
  type Framework,
  frameworks,
  type Listening,
  listen,
  serve,
} from '../../../../test/servers/servers.ts';
import type { GuardRouteOptions } from '../../src/guard/guard-route-options.ts';
import { imgproxy } from '../../src/presets/imgproxy.ts';
import { ipx } from '../../src/presets/ipx.ts';
import { nextImage } from '../../src/presets/next-image.ts';
import { querySource } from '../../src/presets/query-source.ts';
import { thumbor } from '../../src/presets/thumbor.ts';

/** An error response of such a server. */
interface Recorded {
  readonly what: string;
  readonly status: number;
  readonly message?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body: string;
  readonly isMissing: boolean;
}

const text = { 'Content-Type': 'text/plain' };
const html = { 'Content-Type': 'text/html; charset=utf-8' };

/** See src/server.ts and src/storage/{node-fs,http}.ts of unjs/ipx. h3 prints errors with an indent of two spaces. */
const ofIpx = (status: number, code: string, message: string): Pick<Recorded, 'status' | 'message' | 'body'> => ({
  status,
  message: code,
  body: JSON.stringify({ error: { message: `[${status}] [${code}] ${message}` } }, undefined, 2),
});

interface Server {
  readonly name: string;
  readonly preset: GuardRouteOptions;
  readonly urlOf: (size: number) => string;
  readonly errors: readonly Recorded[];
}

const servers: readonly Server[] = [
  {
    name: 'ipx()',
    preset: ipx(),
    urlOf: (size) => `/w_${size}/cat.jpg`,
    errors: [
      { what: 'no file', ...ofIpx(404, 'IPX_FILE_NOT_FOUND', 'File not found: /cat.jpg'), isMissing: true },
      { what: 'no key', ...ofIpx(404, 'IPX_RESOURCE_NOT_FOUND', 'Resource not found: /cat.jpg'), isMissing: true },
      {
        what: 'no file, with the standard reason phrase',
        ...ofIpx(404, 'IPX_FILE_NOT_FOUND', 'File not found: /cat.jpg'),
        message: 'Not Found',
        isMissing: true,
      },
      {
        what: 'an http source that sends 404',
        ...ofIpx(404, 'Not Found', '[GET] "https://example.org/cat.jpg": 404 Not Found'),
        isMissing: true,
      },
      {
        what: 'a forbidden file with a misleading name',
        ...ofIpx(403, 'IPX_FORBIDDEN_PATH', 'Forbidden path: /[404] [IPX_FILE_NOT_FOUND] cat.jpg'),
        isMissing: false,
      },
      {
        what: 'a missing page',
        ...ofIpx(404, 'Cannot find any path matching /', 'Cannot find any path: [404] [IPX_FILE_NOT_FOUND]'),
        isMissing: false,
      },
      { what: 'a bad modifier', ...ofIpx(500, 'IPX_ERROR', 'Expected integer for width'), isMissing: false },
      {
        what: 'a damaged file',
        ...ofIpx(400, 'IPX_INVALID_IMAGE', 'Cannot parse image metadata: /cat.jpg'),
        isMissing: false,
      },
      {
        what: 'an http source that sends 403',
        ...ofIpx(403, 'Forbidden', '[GET] "https://example.org/cat.jpg": 403 Forbidden'),
        isMissing: false,
      },
    ],
  },
  {
    name: 'imgproxy()',
    preset: imgproxy(),
    urlOf: (size) => `/_/w:${size}/plain/http://example.org/cat.jpg`,
    // fetcher/errors.go: a missing file, no connection, no permission and too many redirects have the same response.
    errors: [
      { what: 'a source', status: 404, headers: text, body: 'Source image is unreachable', isMissing: false },
      { what: 'a path', status: 404, headers: text, body: 'Invalid URL', isMissing: false },
      { what: 'a signature', status: 403, headers: text, body: 'Forbidden', isMissing: false },
    ],
  },
  {
    name: 'thumbor()',
    preset: thumbor(),
    urlOf: (size) => `/unsafe/${size}x0/example.org/cat.jpg`,
    // thumbor/loaders/http_loader.py: every error of the source is ERROR_NOT_FOUND, also a 500.
    errors: [{ what: 'a source', status: 404, headers: html, body: '', isMissing: false }],
  },
  {
    name: "thumbor({ loader: 'file' })",
    preset: thumbor({ loader: 'file' }),
    urlOf: (size) => `/unsafe/${size}x0/cat.jpg`,
    // thumbor/loaders/file_loader.py, and `_error` of thumbor/handlers: a status and nothing else.
    errors: [
      { what: 'no file', status: 404, headers: html, body: '', isMissing: true },
      { what: 'a wrong signature', status: 400, headers: html, body: '', isMissing: false },
      { what: 'a damaged file', status: 400, headers: html, body: '', isMissing: false },
      {
        what: 'a page of a proxy in between',
        status: 404,
        headers: html,
        body: '<html><title>404: Not Found</title><body>404: Not Found</body></html>',
        isMissing: false,
      },
    ],
  },
  {
    name: 'nextImage()',
    preset: nextImage(),
    urlOf: (size) => `/_next/image?url=https%3A%2F%2Fexample.org%2Fcat.jpg&w=${size}&q=75`,
    // packages/next/src/server/image-optimizer.ts of vercel/next.js; next-server.ts sends the message of an ImageError.
    errors: [
      {
        what: 'a source that sends 404',
        status: 404,
        body: '"url" parameter is valid but upstream response is invalid',
        isMissing: true,
      },
      {
        what: 'a source that sends 503',
        status: 503,
        body: '"url" parameter is valid but upstream response is invalid',
        isMissing: false,
      },
      { what: 'a page', status: 400, body: "The requested resource isn't a valid image.", isMissing: false },
      { what: 'a width', status: 400, body: '"w" parameter (width) of 300 is not allowed', isMissing: false },
      {
        what: 'a page of Next.js',
        status: 404,
        headers: html,
        body: '<!DOCTYPE html><title>404</title>',
        isMissing: false,
      },
    ],
  },
  {
    name: 'querySource()',
    preset: querySource(),
    urlOf: (size) => `/?src=cat.jpg&w=${size}`,
    errors: [
      { what: 'a 404', status: 404, body: 'no such picture', isMissing: false },
      { what: 'the header', status: 404, headers: { 'X-Safelight-Missing-Original': '1' }, body: '', isMissing: true },
    ],
  },
];

/** Passes requests and responses on unchanged. */
const proxyTo =
  ({ port }: Listening): RequestHandler =>
  (req, res, next) => {
    request({ port, host: '127.0.0.1', path: req.url, headers: req.headers }, (response) => {
      res.writeHead(response.statusCode ?? 502, response.statusMessage, response.rawHeaders);
      response.pipe(res);
    })
      .on('error', next)
      .end();
  };

describe('presets: which error says that the original is missing', () => {
  afterEach(closeServers);

  for (const { name, preset, urlOf, errors } of servers) {
    for (const { what, status, message, headers = {}, body, isMissing } of errors) {
      it(`${name}: ${status} ${what}: ${isMissing ? 'every size is held' : 'only that size is held'}`, async () => {
        const upstream = await listen((_req, res) => void res.writeHead(status, message, headers).end(body));
        const { safelight } = scene();
        const work = counted(proxyTo(upstream));
        const server = await serve(frameworks[2] as Framework, safelight.guard(work, preset));
        const first = await ask(server, urlOf(300));
        assert.equal(first.headers['x-safelight-error'] === 'missing_original', isMissing);
        assert.equal(first.status, isMissing ? 404 : status);
        const other = await ask(server, urlOf(640));
        assert.deepEqual([isHeld(other), work.runs], isMissing ? [true, 1] : [false, 2]);
        assert.equal(isHeld(await ask(server, urlOf(300))), true);
      });
    }
  }

  for (const framework of casesOfRun(frameworks)) {
    it(`in ${framework.name} options can be added to a preset`, async () => {
      const { safelight } = scene();
      const work = counted((_req, res) => void res.writeHead(404, 'IPX_FILE_NOT_FOUND').end());
      const guarded = safelight.guard(work, { ...ipx(), isPrivate: (req) => req.headers.cookie !== undefined });
      const server = await serve(framework, guarded);
      for (const size of [300, 400]) await ask(server, `/w_${size}/cat.jpg`);
      assert.equal(work.runs, 1);
      await ask(server, '/w_300/cat.jpg', { headers: { Cookie: 'a=b' } });
      assert.equal(work.runs, 2);
    });
  }
});
