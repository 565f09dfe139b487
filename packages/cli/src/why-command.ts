import { why } from '@safelight/client/why';
import { formatDiagnosis } from '@safelight/protocol';
import { Command, Option } from 'commander';
import { describeError } from './describe-error.ts';
import { failure, usageError } from './exit-code.ts';

interface WhyFlags {
  readonly endpoint?: string;
  readonly json?: true;
}

/** `safelight why URL`: explains a delivery URL without asking for it. */
export function whyCommand(print: (text: string) => void): Command {
  return new Command('why')
    .description('Explain why a delivery URL answers as it does, without asking for it')
    .argument('<url>', 'the delivery URL')
    .addOption(new Option('--endpoint <url>', "the server, when that is not the URL's own").env('SAFELIGHT_ENDPOINT'))
    .option('--json', 'print the diagnosis as JSON')
    .action(async (url: string, { endpoint, json }: WhyFlags) => {
      const connection = { endpoint: endpoint || originOf(url) };
      const diagnosis = await why(connection, url).catch((error: unknown) => {
        throw failure(`${connection.endpoint} does not explain ${url}: ${describeError(error)}`, error);
      });
      print(json ? JSON.stringify(diagnosis, undefined, 2) : formatDiagnosis(diagnosis));
    });
}

function originOf(url: string): string {
  const origin = URL.canParse(url) ? new URL(url).origin : 'null';
  if (origin === 'null') {
    throw usageError(`"${url}" does not say which server to ask; write http://… in front, or give --endpoint`);
  }
  return origin;
}
