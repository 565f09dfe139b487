import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import autocannon from 'autocannon';
import type { Row } from '../row.ts';
import type { Scene } from '../scene.ts';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** The memory of a held failure, and the growth of a process under a flood of random URLs, without and with the guard. */
export async function memory({ flood }: Scene): Promise<readonly Row[]> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', here('../bytes-per-failure.ts')]);
  const small = ['--max-semi-space-size=16'];
  const [bare, grown] = [await grownBy('bare', flood, []), await grownBy('guarded', flood, [])];
  const [bareSmall, grownSmall] = [await grownBy('bare', flood, small), await grownBy('guarded', flood, small)];
  const what = `${flood.toLocaleString('en')} random URLs: growth of the process`;
  return [
    {
      what: 'memory of one held failure',
      other: '',
      safelight: `${stdout.trim()} B`,
      reached: stdout.trim(),
      aim: '≤ 400',
    },
    { what, other: `${bare} MB`, safelight: `${grown} MB`, reached: String(grown), aim: '≤ 150' },
    {
      what: `${what}, with \`--max-semi-space-size=16\` as \`safelight serve\` has it`,
      other: `${bareSmall} MB`,
      safelight: `${grownSmall} MB`,
      reached: String(grownSmall),
      aim: '≤ 150',
    },
  ];
}

async function grownBy(kind: 'bare' | 'guarded', flood: number, flags: readonly string[]): Promise<number> {
  const server = fork(here('../servers/flood.ts'), [kind], { execArgv: ['--expose-gc', ...flags] });
  try {
    const [port] = (await once(server, 'message')) as [number];
    await send(port, 5000);
    const before = await residentBytes(server);
    await send(port, flood);
    return Math.round(((await residentBytes(server)) - before) / 2 ** 20);
  } finally {
    server.disconnect();
  }
}

let sent = 0;

async function send(port: number, amount: number): Promise<void> {
  const setupRequest = (request: object) => {
    sent += 1;
    return { ...request, path: `/folder/${(sent * 2654435761) % 4294967296}/picture-${sent}.jpg?w=300` };
  };
  await autocannon({ url: `http://127.0.0.1:${port}`, connections: 50, amount, requests: [{ setupRequest }] });
}

async function residentBytes(server: ChildProcess): Promise<number> {
  server.send('memory');
  const [bytes] = (await once(server, 'message')) as [number];
  return bytes;
}
