import assert from 'node:assert/strict';
import { anchorsOf, brokenLinks, linksOf } from './links.ts';
import { markdownFiles } from './markdown.ts';

describe('the links in the documents', () => {
  const files = markdownFiles();

  it('are found', () => {
    const relative = files.flatMap(({ text }) => linksOf(text)).filter(({ link }) => !link.includes('://'));
    assert.ok(relative.length > 100, `${relative.length} relative links`);
    assert.ok(relative.filter(({ link }) => link.includes('#')).length > 10);
  });

  for (const { path, text } of files) {
    it(`${path} links only to files and headings that exist`, () => {
      assert.deepEqual(brokenLinks(path, text), []);
    });
  }

  it('a broken link is reported with its line', () => {
    const text = [
      '# A document, `code` and [a link](README.md)',
      '[file](../README.md), [no file](missing.md), [heading](../README.md#packages), [no heading](../README.md#nothing)',
      '[own heading](#a-document-code-and-a-link), [no heading of its own](#nothing) and [over',
      'two lines](nowhere.md); `[code](in-a-line.md)`, [a page](https://example.org/nothing), [outside](../../x.md)',
      '```md',
      '[code](in-a-block.md)',
      '```',
      '![picture](images/nothing.png), [not a document](images/quickstart.png#size)',
      '[definition]: no-file.md',
    ].join('\n');
    assert.deepEqual(brokenLinks('docs/caching.md', text), [
      '2: missing.md',
      '2: ../README.md#nothing',
      '3: #nothing',
      '4: nowhere.md',
      '4: ../../x.md',
      '8: images/nothing.png',
      '8: images/quickstart.png#size',
      '9: no-file.md',
    ]);
  });

  it('anchors are the same as those of GitHub', () => {
    const text =
      '# In next/image, Nuxt\n## Why does it fail?\n## Same\n## Same\n```sh\n# not a heading\n```\n### `a_b` – c';
    assert.deepEqual([...anchorsOf(text)], ['in-nextimage-nuxt', 'why-does-it-fail', 'same', 'same-1', 'a_b--c']);
  });
});
