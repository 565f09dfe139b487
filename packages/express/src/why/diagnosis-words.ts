import { type DiagnosisFix, formatDeliveryPath, verdicts } from '@safelight/protocol';
import type { DiagnosisFacts } from './diagnosis-facts.ts';
import type { Finding } from './finding.ts';

/** Describes this case in one or two sentences. */
export function summaryOf(facts: DiagnosisFacts, finding: Finding): string {
  const { placeholder, delivery, refused } = facts;
  const cause = causeOf(facts, finding);
  const isSent = finding.held !== undefined || /^(missing_original|stale_version)$/.test(finding.verdict);
  if (refused !== undefined || !isSent || isOutdated(facts, finding)) return cause;
  if (placeholder !== undefined) return `${cause} Meanwhile a placeholder is sent.`;
  return delivery?.placeholder === undefined ? cause : `${cause} Meanwhile the picture of d_ is sent, if it exists.`;
}

function causeOf(facts: DiagnosisFacts, finding: Finding): string {
  const { delivery, refused, original, isAdministrator } = facts;
  const { verdict, decision, held, last } = finding;
  const name = delivery === undefined ? 'The original' : `"${delivery.publicId}"`;
  if (refused !== undefined) return refused.message;
  switch (verdict) {
    case 'cached_error': {
      const at = isAdministrator && held !== undefined ? ` (${new Date(held.since).toISOString()})` : '';
      return `${name} did not exist at the first request${at}. It exists now, but the error is still held.`;
    }
    case 'processing':
      return `${name} is being uploaded; requests wait for it.`;
    case 'missing_original':
      return `${name} has not been uploaded${delivery === undefined ? ', according to the handler' : ''}.`;
    case 'stale_version':
      if (!original || delivery === undefined) break;
      return isOutdated(facts, finding)
        ? `${name} has a newer version, ${original.version}; this URL still shows ${delivery.version}.`
        : `${name} has no version ${delivery.version}; the current one is ${original.version}.`;
    case 'ok':
      return decision?.kind === 'serve'
        ? 'The server has the picture.'
        : 'The original exists and no error is held: the next request makes the picture.';
    case 'unknown':
      return decision === undefined
        ? 'This is not a delivery URL of this server, and no failure of it is recorded.'
        : 'No failure of this URL is held: the next request runs the handler.';
  }
  if (held !== undefined) return sentence(held.message);
  return last === undefined ? verdicts[verdict].says : `${sentence(last.message)} The next request tries it again.`;
}

/** Whether the URL shows an old version instead of an error. */
export function isOutdated({ versionExists }: DiagnosisFacts, { verdict, held }: Finding): boolean {
  return verdict === 'stale_version' && held === undefined && versionExists === true;
}

/** Proposes what to do, the best first. */
export function fixesOf(
  { delivery, original, mount = '' }: DiagnosisFacts,
  { verdict }: Finding,
): readonly DiagnosisFix[] {
  const current = delivery && original && formatDeliveryPath({ ...delivery, version: original.version });
  const pinned = current ? [{ label: 'Use the current version', url: mount + current }] : [];
  switch (verdict) {
    case 'missing_original':
      return [{ label: 'Upload the original: the next request gets the picture' }];
    case 'processing':
      return [{ label: 'Wait: requests get the picture when the upload is complete' }];
    case 'cached_error':
      return [
        ...pinned,
        { label: 'Report the change: call explicit with invalidate, or changed()' },
        { label: 'Wait until the error is no longer held' },
      ];
    case 'stale_version':
      return pinned;
    case 'handler_failed':
      return [{ label: 'Wait: a request after the remaining time runs the handler again' }];
    case 'bad_transformation':
      return [{ label: 'Correct the URL' }];
    case 'damaged_original':
      return [{ label: 'Upload the original again, from a copy that other programs can open' }];
    case 'forbidden':
      return [{ label: 'Sign the URL again, or change it to one that is allowed' }];
    case 'too_large':
      return [{ label: 'Request a smaller picture, or raise the limit' }];
    default:
      return [];
  }
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
