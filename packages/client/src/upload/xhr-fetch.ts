const frameMs = 16;

/**
 * A `fetch` for one upload that reports the sent bytes, at most once per frame. `fetch` itself cannot report them. As a
 * body, a stream would count bytes, but Chromium refuses it over HTTP/1.1, Firefox reports no progress for it, and in
 * WebKit the request fails.
 *
 * It sends the given body and not the request's, because reading a form's stream fails in WebKit. Everything else comes
 * from the request. A network failure has exactly the text that ky recognises; an abort rejects with the signal's reason.
 * @param onSent - called once, when the whole body has left
 */
export function xhrFetch(
  body: FormData,
  onBytes: (sentBytes: number) => void,
  onSent: () => void,
): (input: string | URL | Request, init?: RequestInit) => Promise<Response> {
  return (input, init) =>
    new Promise((resolve, reject) => {
      const { signal, url, method, headers, credentials } = new Request(input, init);
      const xhr = new XMLHttpRequest();
      let reportedAt = -frameMs;
      const abort = (): void => {
        reject(signal.reason);
        xhr.abort();
      };
      xhr.upload.onprogress = ({ loaded, total, timeStamp }) => {
        if (loaded === total) {
          // Firefox fires `load` only when the response begins.
          xhr.upload.onload = null;
          onSent();
        } else if (timeStamp - reportedAt >= frameMs) {
          reportedAt = timeStamp;
          onBytes(loaded);
        }
      };
      xhr.upload.onload = onSent;
      xhr.onerror = () => reject(new TypeError('Failed to fetch'));
      xhr.onload = () => resolve(toResponse(xhr, url));
      xhr.onloadend = () => signal.removeEventListener('abort', abort);
      xhr.open(method, url);
      // The blobs of jsdom are unknown to Node's `Response`.
      xhr.responseType = 'arraybuffer';
      xhr.withCredentials = credentials === 'include';
      headers.forEach((value, name) => {
        // The request's content type has the boundary of the request's own body, which is not sent. happy-dom does not
        // convert names to lower case.
        if (!/^content-type$/i.test(name)) {
          xhr.setRequestHeader(name, value);
        }
      });
      signal.addEventListener('abort', abort);
      xhr.send(body);
      if (signal.aborted) {
        abort();
      }
    });
}

function toResponse(xhr: XMLHttpRequest, requestUrl: string): Response {
  const { status, statusText } = xhr;
  const lines = xhr.getAllResponseHeaders().matchAll(/^(.+?): *(.*?)\r?$/gm);
  const response = new Response(/20[45]|304/.test(`${status}`) ? null : (xhr.response as ArrayBuffer), {
    status,
    statusText,
    headers: Array.from(lines, ([, name = '', value = '']): [string, string] => [name, value]),
  });
  return Object.defineProperty(response, 'url', { value: xhr.responseURL || requestUrl });
}
