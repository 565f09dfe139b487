import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const mainFile = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** The command as a process of its own. */
export interface SafelightProcess {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly output: () => string;
  readonly errors: () => string;
  /** Resolves once the output holds the text; rejects when the process ends before. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves with the exit code (`null` after a signal) once everything it wrote has arrived. */
  readonly exit: Promise<number | null>;
}

const running = new Set<SafelightProcess>();

/** @param file - the command's file, when it is not the one of this repository */
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
    said: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(output + errors);
          if (match !== null) resolve(match);
        };
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        look();
        void exit.then((code) =>
          reject(new Error(`it ended with ${code} and never said ${pattern}: ${output}${errors}`)),
        );
      }),
  };
  running.add(self);
  void exit.then(() => running.delete(self));
  return self;
}

/** A server on a free port. @returns it and its origin, once it is ready */
export async function serving(
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<{ readonly server: SafelightProcess; readonly origin: string }> {
  const server = safelight(['serve', '--port', '0', ...args], env);
  const [, origin = ''] = await server.said(/safelight listening on (http:\/\/\S+)\n/);
  return { server, origin };
}

/** Ends whatever a test has left behind. */
export async function endAll(): Promise<void> {
  await Promise.all(
    [...running].map((one) => {
      one.child.kill('SIGKILL');
      return one.exit;
    }),
  );
}
