/**
 * Makes a function that tells `onError` once, and not for each response, that cookies prevent shared caches from storing
 * pictures and errors. `writeResponse` takes it as `onMadePrivate`.
 *
 * @example
 * const onMadePrivate = createPrivateNotice(console.error);
 * onMadePrivate(); // reports an Error
 * onMadePrivate(); // does nothing
 */
export function createPrivateNotice(onError: (error: unknown) => void): () => void {
  let isReported = false;
  return function noticePrivate() {
    if (isReported) return;
    isReported = true;
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
