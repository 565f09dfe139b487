import { readFile } from 'node:fs/promises';

/** The key, the secret and the server of docs/tools.md. */
const documented = { origin: 'http://localhost:3000', key: 'KEY', secret: 'SECRET' } as const;

/** The code blocks of docs/tools.md below a heading, with the values of a real server. */
export async function documentedBlocks(
  heading: string,
  { origin, apiKey, apiSecret }: { readonly origin: string; readonly apiKey: string; readonly apiSecret: string },
): Promise<readonly string[]> {
  const text = await readFile(new URL('../../docs/tools.md', import.meta.url), 'utf8');
  const [section = ''] = (text.split(`\n## ${heading}\n`)[1] ?? '').split('\n## ');
  return [...section.matchAll(/^```\w+\n(.*?)^```$/gms)].map(([, block = '']) =>
    block
      .replaceAll(documented.origin, origin)
      .replaceAll(new URL(documented.origin).host, new URL(origin).host)
      .replaceAll(documented.key, apiKey)
      .replaceAll(documented.secret, apiSecret),
  );
}

/** The value of `CLOUDINARY_URL` in a block. */
export function cloudinaryUrlIn(block = ''): string {
  const [, url = ''] = /^export CLOUDINARY_URL='(.*)'$/m.exec(block) ?? [];
  return url;
}
