import { type DiagnosisFix, formatDeliveryPath, verdicts } from '@safelight/protocol';
import type { DiagnosisFacts } from './diagnosis-facts.ts';
import type { Finding } from './finding.ts';

/** One sentence or two about this case. */
export function summaryOf(facts: DiagnosisFacts, finding: Finding): string {
  const { placeholder, delivery, refused } = facts;
  const said = causeOf(facts, finding);
  const isSent = finding.held !== undefined || /^(missing_original|stale_version)$/.test(finding.verdict);
  if (refused !== undefined || !isSent || isOutdated(facts, finding)) return said;
  if (placeholder !== undefined) return `${said} Meanwhile a placeholder is sent.`;
  return delivery?.placeholder === undefined ? said : `${said} Meanwhile the picture of d_ is sent, if it is there.`;
}

function causeOf(facts: DiagnosisFacts, finding: Finding): string {
  const { delivery, refused, original, isAdministrator } = facts;
  const { verdict, decision, held, last } = finding;
  const name = delivery === undefined ? 'The original' : `"${delivery.publicId}"`;
  if (refused !== undefined) return refused.message;
  switch (verdict) {
    case 'cached_error': {
      const at = isAdministrator && held !== undefined ? ` (${new Date(held.since).toISOString()})` : '';
      return `${name} did not exist when this was first asked${at}. It does now; only the remembered error is in the way.`;
    }
    case 'processing':
      return `${name} is being uploaded; requests wait for it.`;
    case 'missing_original':
      return `${name} has not been uploaded${delivery === undefined ? ', as far as the handler says' : ''}.`;
    case 'stale_version':
      if (!original || delivery === undefined) break;
      return isOutdated(facts, finding)
        ? `${name} has a newer version, ${original.version}; this URL goes on showing ${delivery.version}.`
        : `${name} has no version ${delivery.version}; the current one is ${original.version}.`;
    case 'ok':
      return decision?.kind === 'serve'
        ? 'The server has the picture.'
        : 'Nothing is in the way: the original is there, and the next request has the picture made.';
    case 'unknown':
      return decision === undefined
        ? 'This is not a delivery URL here, and no failure of it is remembered.'
        : 'No failure of it is remembered any more: the next request runs the handler.';
  }
  if (held !== undefined) return sentence(held.message);
  return last === undefined ? verdicts[verdict].says : `${sentence(last.message)} The next request tries it again.`;
}

/** Whether the URL shows an old version, and no error. */
export function isOutdated({ versionExists }: DiagnosisFacts, { verdict, held }: Finding): boolean {
  return verdict === 'stale_version' && held === undefined && versionExists === true;
}

/** What to do, the best first. */
export function fixesOf(
  { delivery, original, mount = '' }: DiagnosisFacts,
  { verdict }: Finding,
): readonly DiagnosisFix[] {
  const current = delivery && original && formatDeliveryPath({ ...delivery, version: original.version });
  const pinned = current ? [{ label: 'Use the current version', url: mount + current }] : [];
  switch (verdict) {
    case 'missing_original':
      return [{ label: 'Upload the original: the next request is answered with it' }];
    case 'processing':
      return [{ label: 'Wait: it is answered when the upload is complete' }];
    case 'cached_error':
      return [
        ...pinned,
        { label: 'Say that it has changed: explicit with invalidate, or changed()' },
        { label: 'Wait' },
      ];
    case 'stale_version':
      return pinned;
    case 'handler_failed':
      return [{ label: 'Wait: it is tried again by itself' }];
    case 'bad_transformation':
      return [{ label: 'Correct the URL' }];
    case 'forbidden':
      return [{ label: 'Sign the URL anew, or ask for what is allowed' }];
    case 'too_large':
      return [{ label: 'Ask for less, or raise the limit' }];
    default:
      return [];
  }
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
