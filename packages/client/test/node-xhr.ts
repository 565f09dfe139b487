import { type ClientRequest, type IncomingMessage, request } from 'node:http';

type Listener<Event> = ((event: Event) => void) | undefined;

interface ProgressFacts {
  readonly loaded: number;
  readonly total: number;
  readonly lengthComputable: boolean;
  readonly timeStamp: number;
}

/** The part of a browser's XMLHttpRequest that an upload needs, over a real connection. */
export class NodeXhr {
  onload: Listener<undefined>;
  onerror: Listener<undefined>;
  onloadend: Listener<undefined>;
  readonly upload: { onprogress?: Listener<ProgressFacts>; onload?: Listener<undefined> } = {};
  responseType = '';
  withCredentials = false;
  status = 0;
  statusText = '';
  responseURL = '';
  response: Blob | ArrayBuffer | undefined;
  #method = '';
  #url = '';
  #headers: Record<string, string> = {};
  #answerHeaders: IncomingMessage['rawHeaders'] = [];
  #request: ClientRequest | undefined;
  #aborted = false;

  open(method: string, url: string): void {
    this.#method = method;
    this.#url = url;
  }

  setRequestHeader(name: string, value: string): void {
    this.#headers[name] = value;
  }

  getAllResponseHeaders(): string {
    const lines: string[] = [];
    for (let index = 0; index < this.#answerHeaders.length; index += 2) {
      lines.push(`${this.#answerHeaders[index]?.toLowerCase()}: ${this.#answerHeaders[index + 1]}`);
    }
    return lines.join('\r\n');
  }

  abort(): void {
    this.#aborted = true;
    this.#request?.destroy();
    this.onloadend?.(undefined);
  }

  send(form: FormData): void {
    this.#exchange(form)
      .then(
        () => this.onload?.(undefined),
        () => (this.#aborted ? undefined : this.onerror?.(undefined)),
      )
      .finally(() => this.onloadend?.(undefined));
  }

  async #exchange(form: FormData): Promise<void> {
    const encoded = new Response(form);
    const body = Buffer.from(await encoded.arrayBuffer());
    const headers = {
      ...this.#headers,
      'content-type': encoded.headers.get('content-type') ?? '',
      'content-length': body.length,
    };
    const message = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = request(this.#url, { method: this.#method, headers }, resolve).on('error', reject);
      this.#request = outgoing;
      const half = Math.ceil(body.length / 2);
      outgoing.write(body.subarray(0, half), () => this.#tell(half, body.length));
      outgoing.end(body.subarray(half), () => {
        this.#tell(body.length, body.length);
        this.upload.onload?.(undefined);
      });
    });
    const chunks: Buffer[] = [];
    for await (const chunk of message) {
      chunks.push(chunk as Buffer);
    }
    this.#answerHeaders = message.rawHeaders;
    this.status = message.statusCode ?? 0;
    this.statusText = message.statusMessage ?? '';
    this.responseURL = this.#url;
    const bytes = Uint8Array.from(Buffer.concat(chunks));
    this.response = this.responseType === 'arraybuffer' ? bytes.buffer : new Blob([bytes]);
  }

  #tell(loaded: number, total: number): void {
    this.upload.onprogress?.({ loaded, total, lengthComputable: true, timeStamp: performance.now() });
  }
}
