import type { GuardRouteOptions } from '@safelight/express';

/** The sharing rules of docs/guard.md, written down a second time, without the guard. */

/** A request of a client. Fields without a value are not sent. */
export interface Asked {
  readonly path: string;
  readonly host: string;
  readonly method: 'GET' | 'HEAD';
  readonly fields: Readonly<Record<string, string | undefined>>;
}

/** What a handler responds. */
export interface Said {
  readonly status: number;
  readonly fields: Readonly<Record<string, string>>;
}

/** A run of the handler for a request. */
export interface Run extends Said {
  readonly asked: Asked;
}

export interface Rules {
  /** `undefined`: each host has its own failures. */
  readonly hosts: readonly string[] | undefined;
  readonly vary: readonly string[];
  readonly hold: NonNullable<GuardRouteOptions['hold']>;
}

const alwaysHeld = [404, 405, 410, 414, 501, 500, 502, 503, 504];
const optionallyHeld = [400, 403, 413, 415, 422, 451];
const unusualFields = ['te', 'trailer', 'x-http-method-override'];
/** The request fields that a response may name in `Vary` and still be shared. */
const negotiating = ['accept', 'accept-language', 'accept-encoding'];

/** Whether the request is never a reason to hold a failure. */
export function isUnusual({ method, fields }: Asked): boolean {
  return method === 'HEAD' || unusualFields.some((name) => fields[name] !== undefined);
}

function namesIn(list: string | undefined): readonly string[] {
  return (list ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** Whether the guard may hold what a run has found. */
export function isHoldable({ asked, status, fields }: Run, { hold, vary }: Rules): boolean {
  const held = hold === 'all' ? optionallyHeld : hold;
  if (!alwaysHeld.includes(status) && !(held as readonly number[]).includes(status)) return false;
  if (isUnusual(asked) || asked.fields['authorization'] !== undefined) return false;
  if (fields['set-cookie'] !== undefined || namesIn(fields['cache-control']).includes('private')) return false;
  if (namesIn(fields['vary']).some((name) => ![...negotiating, ...vary].includes(name))) return false;
  return status !== 403 || asked.fields['cookie'] === undefined;
}

function authority(host: string, hosts: Rules['hosts']): string {
  return hosts === undefined || hosts.includes(host) ? host : '';
}

/** Whether a client may get what a run for another request has found. */
export function mayGet(asked: Asked, run: Run, rules: Rules): boolean {
  if (!isHoldable(run, rules) || asked.path !== run.asked.path) return false;
  if (asked.fields['authorization'] !== undefined) return false;
  if (authority(asked.host, rules.hosts) !== authority(run.asked.host, rules.hosts)) return false;
  const compared = [...rules.vary, ...namesIn(run.fields['vary'])];
  if (compared.some((name) => asked.fields[name] !== run.asked.fields[name])) return false;
  return run.status !== 403 || asked.fields['cookie'] === undefined;
}
