import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { sharpHandler } from '@safelight/sharp';
import { type Asked, contextOf, deliveryOf, endlessSvg, noise, originalOf } from '../pictures.ts';

const isLinux = process.platform === 'linux';

const endless = endlessSvg();
const large: Asked = { steps: [{ width: 2900 }], extension: 'png' };
const small: Asked = { steps: [{ width: 10 }] };

/** The processes that decode pictures for this one. */
async function pictureProcesses(): Promise<readonly number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const [status, command] = await Promise.all([
      readFile(`/proc/${name}/status`, 'utf8').catch(() => ''),
      readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => ''),
    ]);
    if (status.includes(`PPid:\t${process.pid}\n`) && /processes[/\\]child\.[jt]s/.test(command))
      found.push(Number(name));
  }
  return found;
}

/** Whether a process has functions for signals. SIGHUP, the lowest bit of the mask, gets its function last. */
async function catchesSignals(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return (BigInt(`0x${/^SigCgt:\s*([0-9a-f]+)$/m.exec(status)?.[1]}`) & 1n) === 1n;
}

async function untilNone(pids: readonly number[]): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const left = (await pictureProcesses()).filter((pid) => pids.includes(pid));
    if (left.length === 0) return;
    await wait(10);
  }
  assert.fail(`still there: ${pids}`);
}

describe('pictures in processes of their own', function () {
  this.timeout(20_000);

  it('give the same bytes and sizes as in this process', async () => {
    const png = await noise(60, 40).png().toBuffer();
    const asked: Asked = { steps: [{ width: 30, crop: 'fill', height: 30 }, { radius: 5 }], extension: 'webp' };
    const made = await Promise.all(
      (['process', 'none'] as const).map((isolation) =>
        sharpHandler({ isolation })(deliveryOf(asked), contextOf(originalOf(png, 'png'), asked)),
      ),
    );
    assert.deepEqual(made[0], made[1]);
    assert.ok(Buffer.isBuffer(made[0]?.body));
  });

  it('a picture that never ends is timed_out, and the next one is made', async () => {
    const handler = sharpHandler({ concurrency: 1, timeoutMs: 1_500 });
    const slow = handler(deliveryOf(large), contextOf(originalOf(endless, 'svg'), large));
    const png = await noise(20, 20).png().toBuffer();
    const next = handler(deliveryOf(small), contextOf(originalOf(png, 'png', { versionId: 'next' }), small));
    await assert.rejects(slow, { name: 'TransformError', code: 'timed_out' });
    assert.equal((await next).width, 10);
  });

  it('after a picture that never ends, other sizes of it are refused at once', async () => {
    const handler = sharpHandler({ concurrency: 1, timeoutMs: 1_500 });
    const ask = (asked: Asked) => handler(deliveryOf(asked), contextOf(originalOf(endless, 'svg'), asked));
    await assert.rejects(ask(large), { code: 'timed_out' });
    const startedAt = performance.now();
    await assert.rejects(ask({ steps: [{ width: 2901 }] }), { code: 'busy', message: /^Another size/ });
    assert.ok(performance.now() - startedAt < 1_500);
    const other = contextOf(originalOf(await noise(20, 20).png().toBuffer(), 'png', { versionId: 'other' }), small);
    assert.equal((await handler(deliveryOf(small), other)).width, 10);
  });

  it('an abort ends the work at once', async function () {
    if (!isLinux) return this.skip();
    const handler = sharpHandler({ concurrency: 1 });
    const controller = new AbortController();
    const before = await pictureProcesses();
    const slow = handler(
      deliveryOf(large),
      contextOf(originalOf(endless, 'svg'), { ...large, signal: controller.signal }),
    );
    let own: readonly number[] = [];
    while (own.length === 0) own = (await pictureProcesses()).filter((pid) => !before.includes(pid));
    controller.abort(new Error('the client left'));
    await assert.rejects(slow, { message: 'the client left' });
    await untilNone(own);
  });

  it('a picture that takes too much memory is refused', async function () {
    if (!isLinux) return this.skip();
    const handler = sharpHandler({ concurrency: 1, maxMemoryBytes: 100_000_000 });
    const turned: Asked = { steps: [{ angle: 90 }, { angle: 90 }], extension: 'avif' };
    const png = await noise(6_000, 4_000).png({ compressionLevel: 1 }).toBuffer();
    const error = await handler(deliveryOf(turned), contextOf(originalOf(png, 'png'), turned)).then(
      () => assert.fail('was made'),
      (reason: Error) => reason,
    );
    assert.equal((error as { code?: string }).code, 'too_many_pixels');
    assert.match(String(error.cause), /more than 100000000 bytes/);
  });

  it('a signal for all processes of a terminal does not end the work', async function () {
    if (!isLinux) return this.skip();
    const handler = sharpHandler({ concurrency: 1 });
    const before = await pictureProcesses();
    const png = await noise(3_000, 3_000).png().toBuffer();
    const asked: Asked = { steps: [{ angle: 5 }], extension: 'jpg' };
    const making = handler(deliveryOf(asked), contextOf(originalOf(png, 'png'), asked));
    let own: readonly number[] = [];
    while (own.length === 0) own = (await pictureProcesses()).filter((pid) => !before.includes(pid));
    // Until the process has started, a signal still ends it.
    while (!(await catchesSignals(own[0] as number))) await wait(10);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.kill(own[0] as number, signal);
    assert.ok(((await making).width ?? 0) > 3_000);
  });

  it('a process that dies fails one picture', async function () {
    if (!isLinux) return this.skip();
    const handler = sharpHandler({ concurrency: 1 });
    const before = await pictureProcesses();
    const slow = handler(deliveryOf(large), contextOf(originalOf(endless, 'svg'), large));
    let own: readonly number[] = [];
    while (own.length === 0) own = (await pictureProcesses()).filter((pid) => !before.includes(pid));
    process.kill(own[0] as number, 'SIGSEGV');
    await assert.rejects(slow, { code: 'handler_failed', message: 'The transformation failed' });
    const png = await noise(20, 20).png().toBuffer();
    assert.equal((await handler(deliveryOf(small), contextOf(originalOf(png, 'png'), small))).width, 10);
  });

  it('a refusal has its code, its message and its cause', async () => {
    const handler = sharpHandler();
    const broken = contextOf(originalOf(Buffer.from('no picture'), 'png'), small);
    const error = await handler(deliveryOf(small), broken).catch((reason: Error) => reason);
    assert.deepEqual([(error as Error).name, (error as Error).message], ['TransformError', 'Invalid image file']);
    assert.match(String((error as Error).cause), /unsupported image format/);
    await assert.rejects(handler.probe('/nowhere/cat.jpg'), { code: 'handler_failed' });
  });

  it('they get no secret of the application, and do not keep a program alive', async () => {
    const script = `
      import { sharpHandler } from '@safelight/sharp';
      import { readdirSync, readFileSync } from 'node:fs';
      const handler = sharpHandler();
      await handler.probe(${JSON.stringify(`${import.meta.dirname}/../../../../docs/pictures/none.png`)}).catch(() => undefined);
      if (process.platform !== 'linux') process.exit();
      for (const pid of readdirSync('/proc').filter((name) => /^\\d+$/.test(name))) {
        try {
          if (!readFileSync('/proc/' + pid + '/status', 'utf8').includes('PPid:\\t' + process.pid + '\\n')) continue;
          console.log(readFileSync('/proc/' + pid + '/environ', 'utf8').replaceAll('\\0', ' '));
        } catch {}
      }`;
    const env = { ...process.env, SAFELIGHT_API_SECRET: 'very-secret' };
    const cwd = `${import.meta.dirname}/../..`;
    const args = ['--input-type=module', '-e', script];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env, cwd, timeout: 10_000 });
    assert.doesNotMatch(stdout, /very-secret/);
    if (isLinux) assert.match(stdout, /MALLOC_ARENA_MAX=2/);
  });
});
