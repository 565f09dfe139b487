const frameMs = 16;

/**
 * A `fetch` for one upload that tells how many bytes have left. `fetch` itself cannot: where streams are not refused
 * over HTTP/1.1 (Chromium) they are silently without events (Firefox) or break the request (WebKit).
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
  return function fetchByXhr(input, init) {
    const request = input instanceof Request ? input : new Request(input, init);
    return new Promise((resolve, reject) => {
      const { signal } = request;
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const xhr = new XMLHttpRequest();
      const abort = (): void => {
        reject(signal.reason);
        xhr.abort();
      };
      signal.addEventListener('abort', abort, { once: true });
      xhr.onloadend = () => signal.removeEventListener('abort', abort);
      xhr.onerror = () => reject(new TypeError('Failed to fetch'));
      xhr.onload = () => resolve(toResponse(xhr, request.url));
      xhr.upload.onprogress = perFrame(onBytes);
      xhr.upload.onload = onSent;
      xhr.open(request.method, request.url);
      xhr.responseType = 'blob';
      xhr.withCredentials = request.credentials === 'include';
      copyHeaders(request.headers, xhr);
      xhr.send(body);
    });
  };
}

function copyHeaders(headers: Headers, xhr: XMLHttpRequest): void {
  headers.forEach((value, name) => {
    // The request's content type names the boundary of a body that is not the one sent here.
    if (name !== 'content-type') {
      xhr.setRequestHeader(name, value);
    }
  });
}

function perFrame(onBytes: (sentBytes: number) => void): (event: ProgressEvent) => void {
  let toldAt = -frameMs;
  return ({ loaded, total, timeStamp }) => {
    if (timeStamp - toldAt >= frameMs || loaded === total) {
      toldAt = timeStamp;
      onBytes(loaded);
    }
  };
}

function toResponse(xhr: XMLHttpRequest, requestUrl: string): Response {
  const { status, statusText } = xhr;
  const lines = xhr.getAllResponseHeaders().matchAll(/^(.+?): *(.*?)\r?$/gm);
  const response = new Response(/^20[45]|304/.test(`${status}`) ? null : (xhr.response as Blob), {
    status,
    statusText,
    headers: Array.from(lines, ([, name = '', value = '']): [string, string] => [name, value]),
  });
  Object.defineProperty(response, 'url', { value: xhr.responseURL || requestUrl });
  return response;
}
