const frameMs = 16;

/**
 * A `fetch` for one upload that reports the sent bytes, at most once per frame. `fetch` itself cannot do that: Chromium
 * refuses a stream as body over HTTP/1.1, Firefox reports nothing for it, and in WebKit it breaks the request.
 *
 * Sends the given body, never the request's own (reading a form's stream breaks WebKit); everything else comes from the
 * request. Network failures have exactly the text that ky recognises; an abort rejects with the signal's reason.
 * @param onSent called once, when the whole body has left
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
      let toldAt = -frameMs;
      const abort = (): void => {
        reject(signal.reason);
        xhr.abort();
      };
      xhr.upload.onprogress = ({ loaded, total, timeStamp }) => {
        if (loaded === total) {
          // Firefox fires `load` only when the response begins.
          xhr.upload.onload = null;
          onSent();
        } else if (timeStamp - toldAt >= frameMs) {
          toldAt = timeStamp;
          onBytes(loaded);
        }
      };
      xhr.upload.onload = onSent;
      xhr.onerror = () => reject(new TypeError('Failed to fetch'));
      xhr.onload = () => resolve(toResponse(xhr, url));
      xhr.onloadend = () => signal.removeEventListener('abort', abort);
      xhr.open(method, url);
      xhr.responseType = 'blob';
      xhr.withCredentials = credentials === 'include';
      headers.forEach((value, name) => {
        // The content type of the request has the boundary of another body than the one that is sent here.
        if (name !== 'content-type') {
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
  const response = new Response(/20[45]|304/.test(`${status}`) ? null : (xhr.response as Blob), {
    status,
    statusText,
    headers: Array.from(lines, ([, name = '', value = '']): [string, string] => [name, value]),
  });
  return Object.defineProperty(response, 'url', { value: xhr.responseURL || requestUrl });
}
