/**
 * Tells `onError` that cookies prevent shared caches from storing pictures and errors: once, not for every response.
 * Each Safelight has one notice.
 */
export function createPrivateNotice(onError: (error: unknown) => void): () => void {
  let isTold = false;
  return function noticePrivate() {
    if (isTold) return;
    isTold = true;
    onError(
      new Error(
        'A middleware in front of Safelight sets a cookie (Set-Cookie) on its responses, so they are sent with ' +
          "'Cache-Control: private': a shared cache would give the cookie of one client to all others. No CDN can store " +
          'these responses. Mount the session (express-session, cookie-session) after Safelight, or only on the routes ' +
          'that need it. This is reported once.',
      ),
    );
  };
}
