import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const mainFile = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** The command in a process. */
export interface SafelightProcess {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly output: () => string;
  readonly errors: () => string;
  /** Resolves once standard output or standard error matches; rejects when the process ends before. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves with the exit code (`null` after a signal) once all output has arrived. */
  readonly exit: Promise<number | null>;
}

const running = new Set<SafelightProcess>();

/** @param file - the file of the command. @default the one of this repository */
export function safelight(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  file: string = mainFile,
): SafelightProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('SAFELIGHT_'));
  const child = spawn(process.execPath, [file, ...args], {
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const exit = once(child, 'close').then(([code]) => code as number | null);
  const self: SafelightProcess = {
    child,
    output: () => output,
    errors: () => errors,
    exit,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(output + errors);
          if (match !== null) resolve(match);
        };
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        look();
        void exit.then((code) =>
          reject(new Error(`it ended with ${code} and never printed ${pattern}: ${output}${errors}`)),
        );
      }),
  };
  running.add(self);
  void exit.then(() => running.delete(self));
  return self;
}

/** Starts a server on a free port. @returns the process and the origin of the server, once it listens */
export async function serving(
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<{ readonly server: SafelightProcess; readonly origin: string }> {
  const server = safelight(['serve', '--port', '0', ...args], env);
  const [, origin = ''] = await server.printed(/safelight listening on (http:\/\/\S+)\n/);
  return { server, origin };
}

/** Ends all processes that the tests have started. */
export async function endAll(): Promise<void> {
  await Promise.all(
    [...running].map(({ child, exit }) => {
      child.kill('SIGKILL');
      return exit;
    }),
  );
}
