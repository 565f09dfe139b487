import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/**
 * Starts two `safelight serve` with one Redis and one folder. Again and again a client asks the second one for a file that is
 * missing, uploads it to the first one, and gets it from the second one. Prints the 99th percentile of the time from the
 * start of the upload, in milliseconds. Started as `time-recovery url-of-a-redis`.
 */

const [redis = ''] = process.argv.slice(2);
const uploads = 300;
const directory = await mkdtemp(join(tmpdir(), 'safelight-bench-'));
const children: ChildProcess[] = [];
try {
  const [first, second] = await Promise.all([start(), start()]);
  const took: number[] = [];
  for (let upload = 0; upload < uploads; upload += 1) {
    const url = `${second}/demo/raw/upload/file-${upload}.txt`;
    if ((await statusOf(url)) !== 404) throw new Error(`${url} should be missing.`);
    const form = new FormData();
    form.set('upload_preset', 'bench');
    form.set('public_id', `file-${upload}.txt`);
    form.set('file', new Blob([`file ${upload}`]), 'file.txt');
    const startedAt = performance.now();
    const response = await fetch(`${first}/v1_1/demo/raw/upload`, { method: 'POST', body: form });
    if (!response.ok) throw new Error(`The upload got ${response.status}: ${await response.text()}`);
    if ((await statusOf(url)) !== 200) throw new Error(`${url} should be there.`);
    took.push(performance.now() - startedAt);
  }
  console.log(took.sort((a, b) => a - b)[Math.ceil(took.length * 0.99) - 1]);
} finally {
  for (const child of children) child.kill('SIGKILL');
  await rm(directory, { recursive: true, force: true });
}

async function start(): Promise<string> {
  const main = fileURLToPath(import.meta.resolve('@safelight/cli')).replace(/index\.js$/, 'main.js');
  const flags = ['--port', '0', '--data', directory, '--store', redis, '--upload-preset', 'bench'];
  const child = spawn(process.execPath, [main, 'serve', ...flags, '--index', 'none'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const origin = /listening on (\S+)/.exec(line)?.[1];
    if (origin !== undefined) return origin;
  }
  await once(child, 'exit');
  throw new Error('safelight serve ended before it was ready.');
}

async function statusOf(url: string): Promise<number> {
  const response = await fetch(url);
  await response.arrayBuffer();
  return response.status;
}
