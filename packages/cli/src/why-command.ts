import { formatDiagnosis, type WhyOptions, why } from '@safelight/client/why';
import { type VerdictKind, verdicts } from '@safelight/protocol';
import { Command, Option } from 'commander';
import { describeError } from './describe-error.ts';
import { type ExitCode, usageError } from './exit-code.ts';
import { type WhyAccess, whyAccess } from './why-access.ts';

interface WhyFlags {
  readonly endpoint?: string;
  readonly json?: true;
  readonly cloudinary?: true;
  readonly probe?: true;
  readonly apiKey?: string;
  readonly apiSecret?: string;
}

export interface WhyCommandOptions {
  readonly print: (text: string) => void;
  /** Called with the exit code of the process. */
  readonly end: (code: ExitCode) => void;
  /** The environment of the process, which may have `CLOUDINARY_URL`. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

const exitCodes: Readonly<Record<VerdictKind['needs'], ExitCode>> = { nothing: 0, change: 1, time: 3, unknown: 4 };

/** Creates `safelight why URL`, which explains a delivery URL without requesting it. */
export function whyCommand({ print, end, env }: WhyCommandOptions): Command {
  return new Command('why')
    .description('Explain the response of a delivery URL, without requesting the URL')
    .argument('<url>', 'the delivery URL')
    .addOption(
      new Option('--endpoint <url>', 'the server to ask, when it is not the one in the URL').env('SAFELIGHT_ENDPOINT'),
    )
    .option('--json', 'print the diagnosis as JSON')
    .option('--cloudinary', 'the URL belongs to Cloudinary, but has your own host name')
    .option('--probe', 'Cloudinary: also request the URL itself, which may prolong its error')
    .addOption(
      new Option(
        '--api-key <key>',
        'with --api-secret: show the details for administrators; Cloudinary: ask the Admin API',
      ).env('SAFELIGHT_API_KEY'),
    )
    .addOption(
      new Option(
        '--api-secret <secret>',
        'secret of the key; give it as SAFELIGHT_API_SECRET, since other users can see arguments',
      ).env('SAFELIGHT_API_SECRET'),
    )
    .action(async (text: string, flags: WhyFlags, command: Command) => {
      const { json, probe } = flags;
      const endpoint = flags.endpoint || undefined;
      const url = readUrl(text, endpoint);
      const cloudinary = flags.cloudinary === true || /(^|\.)cloudinary\.com$/.test(url.hostname);
      if (probe && !cloudinary) {
        throw usageError('--probe is for URLs of Cloudinary only; leave it out for a Safelight server');
      }
      const access = whyAccess({
        cloudinary,
        endpoint,
        apiKey: flags.apiKey || undefined,
        apiSecret: flags.apiSecret || undefined,
        isFromFlag: ['apiKey', 'apiSecret'].some((name) => command.getOptionValueSource(name) === 'cli'),
        cloudinaryUrl: env['CLOUDINARY_URL'] || undefined,
      });
      const diagnosis = await why(url, { cloudinary, probe: probe === true, ...requestOptions(endpoint, access) });
      print(json ? JSON.stringify(diagnosis, undefined, 2) : formatDiagnosis(diagnosis));
      end(exitCodes[verdicts[diagnosis.verdict].needs]);
    });
}

function requestOptions(endpoint: string | undefined, { authorization, ...admin }: WhyAccess): WhyOptions {
  return {
    ...admin,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(authorization === undefined ? {} : { headers: () => ({ authorization }) }),
  };
}

function readUrl(text: string, endpoint: string | undefined): URL {
  if (endpoint !== undefined && !isHttp(endpoint)) {
    throw usageError('--endpoint is not an http(s) URL; write a URL such as http://localhost:3000');
  }
  if (!isHttp(text, endpoint)) {
    throw usageError(`"${text}" has no server; write the whole URL with http:// or https://, or give --endpoint`);
  }
  try {
    return new URL(text, endpoint);
  } catch (error) {
    throw usageError(describeError(error), error);
  }
}

function isHttp(text: string, base?: string): boolean {
  return URL.canParse(text, base) && /^https?:$/.test(new URL(text, base).protocol);
}
