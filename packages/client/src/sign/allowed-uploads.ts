import { publicIdProblem } from '@safelight/protocol';
import { type TransformationInput, transformationText } from '../transformation-input.ts';
import type { UploadParameters } from '../upload/upload-options.ts';
import { Refusal } from './refusal.ts';

/** `true` allows. `false`, `undefined` and `null` refuse. Every other value is a mistake, and fails with a `TypeError`. */
export type Permission = boolean | undefined | null;

/**
 * The values that may be signed: one text, a list of texts, a pattern that matches the whole value, or a function.
 *
 * @typeParam Incoming - the request of your framework, see `signUpload`
 */
export type ValueRule<Incoming = unknown> =
  | string
  | readonly string[]
  | RegExp
  | ((value: string, request: Incoming) => Permission | Promise<Permission>);

/**
 * The uploads that are signed. A parameter that has no rule here is refused.
 *
 * @typeParam Incoming - the request of your framework, see `signUpload`
 */
export interface AllowedUploads<Incoming = unknown> {
  /**
   * The public IDs that an upload may choose. Allow only IDs that belong to this user:
   * `(publicId, request) => publicId.startsWith(`users/${request.user.id}/`)`.
   * @default none: the server chooses a random ID
   */
  readonly publicId?: ValueRule<Incoming> | undefined;
  /**
   * Whether an upload may replace the asset that has its public ID. The signature is then also valid to destroy this
   * asset. Otherwise each upload with a public ID or a preset has to be sent with `overwrite: false`.
   * @default false
   */
  readonly overwrite?: boolean | undefined;
  /**
   * The rule for each tag.
   * @default no tags
   */
  readonly tags?: ValueRule<Incoming> | undefined;
  /**
   * The transformations that an upload may request in advance. Write them as in the option `eager` of the upload.
   * @default none
   */
  readonly eager?: readonly TransformationInput[] | undefined;
  /**
   * The names of upload presets. A preset may add a folder or a prefix to the public ID.
   * @default none
   */
  readonly uploadPreset?: ValueRule<Incoming> | undefined;
}

/** Resolves when all parameters are allowed. Rejects with a `Refusal` that names the first one that is not. */
export type ParameterCheck<Incoming> = (parameters: UploadParameters, request: Incoming) => Promise<void>;

const options = {
  public_id: 'publicId',
  overwrite: 'overwrite',
  tags: 'tags',
  eager: 'eager',
  upload_preset: 'uploadPreset',
} as const satisfies Readonly<Record<string, keyof AllowedUploads>>;

type Name = keyof typeof options;
type Test<Incoming> = (value: string, request: Incoming) => boolean | Promise<boolean>;

/** @throws {SafelightError} `invalid_transformation`, for a transformation in `eager` that cannot be written */
export function parameterCheck<Incoming>(allow: AllowedUploads<Incoming>): ParameterCheck<Incoming> {
  const tests: Readonly<Record<Exclude<Name, 'overwrite'>, Test<Incoming> | undefined>> = {
    public_id: testOf(allow.publicId, 'allow.publicId'),
    tags: testOf(allow.tags, 'allow.tags'),
    eager: testOf<Incoming>(allow.eager?.map(transformationText), 'allow.eager'),
    upload_preset: testOf(allow.uploadPreset, 'allow.uploadPreset'),
  };
  return async (parameters, request) => {
    for (const name of Object.keys(parameters)) {
      if (!Object.hasOwn(options, name)) {
        throw new Refusal(403, `Parameter ${shown(name)} is not signed here. Leave it out.`);
      }
    }
    checkOverwrite(parameters, allow.overwrite === true);
    for (const name of ['public_id', 'upload_preset', 'tags', 'eager'] as const) {
      for (const value of valuesOf(name, parameters[name])) {
        await checkValue(name, value, () => tests[name]?.(value, request));
      }
    }
  };
}

/** The server replaces an existing asset unless a signed upload says no. An empty parameter is not signed. */
function checkOverwrite({ overwrite, public_id, upload_preset }: UploadParameters, isAllowed: boolean): void {
  if (overwrite !== undefined && !/^(?:0|1|false|true)$/.test(overwrite)) {
    throw new Refusal(400, 'Parameter overwrite must be 0 or 1.');
  }
  if (overwrite === '0' || overwrite === 'false') return;
  const mayReplace = overwrite !== undefined || public_id !== undefined || upload_preset !== undefined;
  // Without a public ID, a preset can choose one by the name of the file, and no rule has allowed that ID.
  if (!mayReplace || (isAllowed && public_id !== undefined)) return;
  throw new Refusal(
    403,
    isAllowed
      ? 'Parameter overwrite must be 0 in an upload without public_id. Upload with overwrite: false.'
      : 'Parameter overwrite must be 0 here, so that no asset is replaced. Upload with overwrite: false, or allow it with allow.overwrite of signUpload().',
  );
}

function valuesOf(name: Name, value: string | undefined): readonly string[] {
  if (value === undefined) return [];
  if (name === 'tags') return value.split(',').map((tag) => tag.trim());
  return name === 'eager' ? value.split('|') : [value];
}

async function checkValue(
  name: Name,
  value: string,
  test: () => boolean | Promise<boolean> | undefined,
): Promise<void> {
  if (name === 'public_id') {
    const problem = publicIdProblem(value);
    if (problem !== undefined) throw new Refusal(400, `Parameter public_id cannot be used. ${problem}`);
  }
  const isAllowed = await test();
  if (isAllowed === true) return;
  const option = `allow.${options[name]}`;
  throw new Refusal(
    403,
    isAllowed === undefined
      ? `Parameter ${name} is not allowed here. Leave it out, or allow it with ${option} of signUpload().`
      : `Parameter ${name} is ${shown(value)}, which ${option} of signUpload() does not allow.`,
  );
}

function testOf<Incoming>(rule: ValueRule<Incoming> | undefined, option: string): Test<Incoming> | undefined {
  if (rule === undefined) return undefined;
  if (typeof rule === 'function') {
    return async (value, request) => isPermitted(await rule(value, request), option);
  }
  if (rule instanceof RegExp) {
    // Without `g` and `y` a pattern has no state, and without `m` it cannot match one line of a longer value.
    const whole = new RegExp(`^(?:${rule.source})$`, rule.flags.replace(/[gmy]/g, ''));
    return (value) => whole.test(value);
  }
  const values: ReadonlySet<string> = new Set([rule].flat());
  return (value) => values.has(value);
}

/**
 * @param option - names the function that has returned the value
 * @throws {TypeError} when the value is neither a boolean nor missing: a user or a text must not allow by accident
 */
export function isPermitted(value: Permission, option: string): boolean {
  if (typeof value === 'boolean') return value;
  if (value === undefined || value === null) return false;
  throw new TypeError(`${option} of signUpload() returned ${typeof value}; it must return true or false.`);
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
