import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { uploadStringToSign } from '@safelight/protocol';
import { kyTo } from '../../packages/client/test/ky-to.ts';
import { cloudinaryUploadResponse } from '../../packages/client/test/recorded-responses.ts';
import { signWith } from './sign-upload.ts';
import { type Stored, startBreakableServer, type UploadPlace } from './upload-place.ts';

const endpoint = 'https://api.cloudinary.com';
const maxBytes = 10_485_760;
const minPartBytes = 5_000_000;
const unsignedNames = /^(upload_preset|public_id|folder|tags|context|metadata|filename_override|file)$/;

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A stand-in for Cloudinary's upload API, with recorded responses, under the name of its host. */
export async function startCloudinaryStandIn(): Promise<UploadPlace> {
  const stored: Stored[] = [];
  const versions = new Map<string, number>();
  const parts = new Map<string, Map<number, Buffer>>();
  // No recording has a repeated last part. The same response is assumed, because the upload has an ID.
  const finished = new Map<string, object>();

  async function upload(req: IncomingMessage): Promise<object> {
    const [, resourceType = ''] = /^\/v1_1\/demo\/(image|video|raw|auto)\/upload$/.exec(req.url ?? '') ?? [];
    if (req.headers['idempotency-key'] !== undefined) throw new Refusal(500, 'CORS would not have let this through');
    if (req.method !== 'POST' || resourceType === '') throw new Refusal(404, 'Not found');
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const headers = { 'content-type': req.headers['content-type'] ?? '' };
    const form = await new Response(Uint8Array.from(Buffer.concat(chunks)), { headers }).formData();
    const fields = Object.fromEntries([...form].filter((entry): entry is [string, string] => entry[0] !== 'file'));
    const isSigned = authenticate(fields, [...form.keys()]);
    const file = form.get('file');
    if (!(file instanceof File)) throw new Refusal(400, 'Missing required parameter - file');
    const uploadId = String(req.headers['x-unique-upload-id'] ?? '');
    const earlier = finished.get(uploadId);
    if (earlier !== undefined) return earlier;
    const whole = collect(req, Buffer.from(await file.arrayBuffer()));
    const publicId = fields['public_id'] ?? createHash('sha1').update(`${stored.length}`).digest('hex').slice(0, 20);
    const type = resourceType === 'auto' ? 'image' : resourceType;
    if (whole === undefined) {
      return { done: false, bytes: file.size, public_id: publicId, resource_type: type, kind: 'upload' };
    }
    const known = versions.get(publicId);
    const isCached = known !== undefined && (!isSigned || fields['overwrite'] === '0');
    const version = isCached ? known : Math.max(1_719_307_544, (known ?? 0) + 1);
    if (!isCached) {
      versions.set(publicId, version);
      stored.push({ publicId, bytes: whole });
    }
    const { eager, format, width, height, ...response } = cloudinaryUploadResponse;
    const described = {
      ...response,
      public_id: publicId,
      version,
      resource_type: type,
      bytes: whole.length,
      ...(type === 'raw' ? {} : { format }),
      ...(type === 'image' ? { width, height } : {}),
      ...(fields['eager'] === undefined ? {} : { eager }),
      ...(isCached ? { existing: true } : known === undefined ? {} : { overwritten: true }),
    };
    if (uploadId !== '') finished.set(uploadId, described);
    return described;
  }

  function collect(req: IncomingMessage, part: Buffer): Buffer | undefined {
    const range = /^bytes (\d+)-(\d+)\/(-1|\d+)$/.exec(req.headers['content-range'] ?? '');
    if (range === null) {
      if (part.length <= maxBytes) return part;
      throw new Refusal(400, `File size too large. Got ${part.length}. Maximum is ${maxBytes}.`);
    }
    const [start, end, total] = range.slice(1).map(Number) as [number, number, number];
    const id = String(req.headers['x-unique-upload-id']);
    const known = parts.get(id) ?? new Map<number, Buffer>();
    parts.set(id, known.set(start, part));
    if (end + 1 < total && part.length < minPartBytes) {
      throw new Refusal(400, 'All parts except EOF-chunk must be larger than 5mb');
    }
    const whole = Buffer.concat([...known].sort(([a], [b]) => a - b).map(([, bytes]) => bytes));
    return whole.length === total ? whole : undefined;
  }

  const { origin, ...server } = await startBreakableServer((req, res) => {
    const write = (status: number, body: object, headers = {}): void => {
      res.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
      res.end(JSON.stringify(body));
    };
    upload(req).then(
      (response) => write(200, response),
      ({ status = 500, message }: Refusal) => write(status, { error: { message } }, { 'x-cld-error': message }),
    );
  });
  const options = {
    endpoint,
    cloudName: 'demo',
    chunkBytes: minPartBytes,
    random: () => 0,
    ky: kyTo(origin, endpoint),
  };
  return {
    ...server,
    stored,
    deliveryOrigin: 'https://res.cloudinary.com',
    options: { ...options, uploadPreset: 'browser' },
    signedOptions: { ...options, sign: signWith() },
  };
}

/** @returns whether the upload is signed */
function authenticate(fields: Readonly<Record<string, string>>, names: readonly string[]): boolean {
  const { signature, api_key: apiKey, ...signed } = fields;
  if (signature === undefined) {
    if (fields['upload_preset'] === undefined) {
      throw new Refusal(400, 'Upload preset must be specified when using unsigned upload');
    }
    if (fields['upload_preset'] !== 'browser') throw new Refusal(400, 'Upload preset not found');
    const wrong = names.find((name) => !unsignedNames.test(name));
    if (wrong !== undefined) throw new Refusal(400, `${wrong} parameter is not allowed when using unsigned upload.`);
    return false;
  }
  const text = uploadStringToSign(signed, 2);
  if (apiKey !== '1234') throw new Refusal(401, `Unknown API key ${apiKey}`);
  // By default an account accepts both digests.
  const algorithm = signature.length === 64 ? 'sha256' : 'sha1';
  if (createHash(algorithm).update(`${text}safelight-secret`).digest('hex') !== signature) {
    throw new Refusal(401, `Invalid Signature ${signature}. String to sign - '${text}'.`);
  }
  return true;
}
