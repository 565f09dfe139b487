import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';

/**
 * Headers for the pages of the examples: nothing but their own files runs, no other page shows them in a frame, and no other
 * site learns their URLs. Pictures may also come from the page itself (`blob:`), for previews.
 *
 * @param html - the page; its inline import maps are allowed by their digests
 */
export function pageHeaders(html = ''): RequestHandler {
  const digests = [...html.matchAll(/<script type="importmap">([\s\S]*?)<\/script>/g)].map(
    ([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
  );
  const policy = [
    "default-src 'none'",
    ['script-src', "'self'", ...digests].join(' '),
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "connect-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return function setPageHeaders(_req, res, next) {
    res.set({
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    });
    next();
  };
}
