#!/usr/bin/env -S node --max-semi-space-size=16
import { Command, CommanderError } from 'commander';
import { describeError } from './describe-error.ts';
import type { DrainTimes } from './drain.ts';
import { type ExitCode, isCommandError } from './exit-code.ts';
import { mistakeLine } from './mistake-line.ts';
import { release } from './release.ts';
import { serveCommand } from './serve-command.ts';
import { missingCredentials, type ServeOptions } from './serve-options.ts';
import { whyCommand } from './why-command.ts';

const say = (line: string): void => console.error(`safelight: ${line}`);

async function startServer(options: Omit<ServeOptions, 'say'>, { waitMs, graceMs }: DrainTimes): Promise<void> {
  // Registered before the server starts, so that a signal during the start counts too.
  const stopped = new Promise<void>((stop) => {
    process.once('SIGTERM', () => stop()).once('SIGINT', () => stop());
  });
  // A server needs many modules. `why` and mistakes in flags need none of them, and take a fifth of the time without them.
  const { serve } = await import('./serve.ts');
  const server = await serve({ ...options, say });
  const refused = missingCredentials(options);
  if (refused !== undefined) say(refused);
  console.log(`safelight listening on ${server.url}`);
  await stopped;
  // A second signal ends the process at once.
  process.once('SIGTERM', () => process.exit(143)).once('SIGINT', () => process.exit(130));
  await server.close(graceMs, waitMs);
  process.exit(0);
}

const program = new Command('safelight')
  .description('Error caching and placeholders around any image handler, and upload that clears them')
  .version(release())
  .exitOverride()
  .configureOutput({ outputError: (text) => say(mistakeLine(text)) });
program.addCommand(serveCommand(startServer).copyInheritedSettings(program));
const endWith = (code: ExitCode): void => {
  process.exitCode = code;
};
program.addCommand(whyCommand({ print: console.log, end: endWith, env: process.env }).copyInheritedSettings(program));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has already printed the message. `--help` and `--version` have the exit code 0.
    process.exit(error.exitCode === 0 ? 0 : 2);
  }
  say(isCommandError(error) ? error.message : describeError(error));
  process.exit(isCommandError(error) ? error.exitCode : 1);
}
