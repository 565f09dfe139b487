import type { UploadParameters } from '../upload/upload-options.ts';
import { Refusal } from './refusal.ts';

/** The largest body of a request to sign. A long list of tags needs some kilobytes. */
export const maxBodyBytes = 65_536;

/** Collects the pieces of a body, up to `maxBodyBytes`. */
export interface BodyCollector {
  /** @throws {Refusal} 413 when the body is too large; it has not been collected then */
  add(piece: Uint8Array | string): void;
  /**
   * The JSON value; `undefined` when the body is empty.
   * @throws {Refusal} 400
   */
  value(): unknown;
}

export function collectBody(): BodyCollector {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  return {
    add(piece) {
      const added = typeof piece === 'string' ? new TextEncoder().encode(piece) : piece;
      bytes += added.byteLength;
      if (bytes > maxBodyBytes) throw tooLarge();
      pieces.push(added);
    },
    value() {
      if (bytes === 0) return undefined;
      const whole = new Uint8Array(bytes);
      let at = 0;
      for (const piece of pieces) {
        whole.set(piece, at);
        at += piece.byteLength;
      }
      try {
        return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(whole)) as unknown;
      } catch {
        throw new Refusal(400, 'The body is not JSON. Send the parameters of the upload as a JSON object.');
      }
    },
  };
}

/**
 * Reads the parameters out of a JSON value. An empty parameter counts as absent: the signature does not cover it.
 *
 * @throws {Refusal} 400 when the value is not an object of texts, or when a text cannot be sent unchanged
 */
export function readParameters(value: unknown): UploadParameters {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Refusal(400, 'The body must be a JSON object with the parameters of the upload, or {}.');
  }
  const parameters = Object.entries(value).filter(([, text]) => text !== '');
  for (const [name, text] of parameters as readonly (readonly [string, unknown])[]) {
    const where = `Parameter ${JSON.stringify(name.slice(0, 100))}`;
    if (typeof text !== 'string') throw new Refusal(400, `${where} must be a text.`);
    // A form changes line breaks and broken Unicode, and the signature would not match what arrives.
    if (/[\p{Cc}\p{Cs}]/u.test(text)) {
      throw new Refusal(400, `${where} contains control characters or broken Unicode.`);
    }
  }
  return Object.fromEntries(parameters) as UploadParameters;
}

export function tooLarge(): Refusal {
  return new Refusal(413, `The body is too large. At most ${maxBodyBytes} bytes are accepted.`);
}
