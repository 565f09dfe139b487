import fc from 'fast-check';

/** Pieces with a meaning in delivery URLs or elsewhere, well-formed and malformed. */
const words = fc.constantFrom(
  ...[
    'demo',
    'image',
    'video',
    'raw',
    'images',
    'upload',
    'private',
    'fetch',
    'v1',
    'v0',
    'v1719307544',
    'v99999999999999999',
  ],
  ...[
    'cat',
    'cat.jpg',
    'cat.png',
    'cat.svg',
    'cat.',
    '.cat',
    'a,b',
    'w_3x',
    '...',
    '..',
    '.',
    '',
    '~',
    'CON',
    '__proto__',
    'constructor',
  ],
  ...[
    'c_fill',
    'w_30',
    'h_20',
    'w_0',
    'w_-1',
    'w_1e9',
    'w_NaN',
    'w_0.5',
    'w_65536',
    'q_101',
    'q_auto:best',
    'f_auto',
    'f_svg',
    'f_webp',
  ],
  ...[
    'e_blur:2001',
    'e_grayscale',
    'a_90.hflip',
    'a_1e400',
    'r_max',
    'r_1:2:3:4:5',
    'b_rgb:ff',
    'b_red',
    'g_auto',
    'g_north',
    'c_thumb',
  ],
  ...[
    'd_cat.png',
    'd_..:..:etc',
    'd_',
    'l_text:Arial_20:x',
    'u_cat',
    't_x',
    't_thumb',
    'ar_16:9',
    'ar_0:0',
    'dpr_2.0',
    'dpr_1e9',
    'c_lfill',
    'c_fill_pad',
    'c_mpad',
    'o_50',
    'z_1.5',
    'x_0.25',
    'q_80:444',
    'fl_progressive.force_strip',
    'fl_attachment:%252E%252E%252Fx',
    'fl_attachment',
    'g_microwave',
    'cat.heic',
    'w_30%2Ch_20',
    '$a_1',
    'if_w_gt_1',
    'if_end',
    'x_1',
    'y_-9',
    'fl_attachment:x',
  ],
  ...[
    's--5NGylTZs--',
    's----------',
    's--aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa--',
    's--',
    '_safelight',
    'why',
    'assets',
    'v1_1',
  ],
  ...[
    '%2e%2e',
    '%2f',
    '%5c',
    '%00',
    '%0d%0aSet-Cookie:%20x',
    '%ff',
    '%c0%ae',
    '%E0%A4%A',
    '%',
    '%zz',
    '%25%32%65',
    '%F0%9F%90%88',
  ],
  ...['<script>', '"', "'", '\\', '{{7*7}}', '$(id)', '`', '|', ';', 'é', '日本', '\u202e', '\ud83d\ude00', '\u2028'],
);

const numbers = fc
  .tuple(fc.constantFrom('w_', 'h_', 'q_', 'x_', 'a_', 'r_', 'v', 'e_blur:', ''), fc.double().map(String))
  .map(([key, n]) => key + n);

const segments = fc.oneof(
  { weight: 6, arbitrary: words },
  { weight: 3, arbitrary: fc.array(words, { minLength: 2, maxLength: 4 }).map((all) => all.join(',')) },
  { weight: 1, arbitrary: numbers },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 10 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(words, fc.constantFrom(20, 300, 3000))
      .map(([word, times]) => word.repeat(times).slice(0, 4000)),
  },
);

const starts = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      '/demo/image/upload/',
      '/demo/image/upload/',
      '/demo/raw/upload/',
      '/demo/video/upload/',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '/_safelight/why?url=/demo/image/upload/',
      '/_safelight/assets/image/',
      '/_safelight/',
      '/demo/',
      '/',
    ),
  },
);

const ends = fc.constantFrom('', '', '', '?_a=BAMAAA', '?', '#x', '/', '//', '?cloud=demo', '.jpg', '%');

/** Hostile paths. They may contain any text, also text that HTTP cannot carry. */
export const hostilePaths: fc.Arbitrary<string> = fc
  .tuple(starts, fc.array(segments, { maxLength: 6 }), ends)
  .map(([start, all, end]) => start + all.join('/') + end);

/** The same paths as HTTP carries them: the bytes of UTF-8, without spaces and control characters. */
export const hostileTargets: fc.Arbitrary<string> = hostilePaths.map((path) =>
  Buffer.from(path, 'utf8')
    .toString('latin1')
    .replace(/[^\x21-\xff]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`),
);

export const hostileHeaders: fc.Arbitrary<Record<string, string>> = fc.record(
  {
    accept: fc.constantFrom(
      '*/*',
      'image/avif,image/webp',
      'application/json',
      'image/webp;q=x',
      ',',
      'image/*',
      'text/html',
    ),
    range: fc.constantFrom('bytes=0-', 'bytes=9-1', 'bytes=0-0,1-1,2-2', 'lines=1', ''),
    'if-none-match': fc.constantFrom('*', '"x"', 'W/"', ',,,'),
    'sec-fetch-dest': fc.constantFrom('image', 'video', 'document', ''),
    authorization: fc.constantFrom('Basic x', 'Bearer', ''),
    'x-forwarded-host': fc.constantFrom('evil.example', '"><'),
  },
  { requiredKeys: [] },
);
