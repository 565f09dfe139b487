import { transformUrl } from 'unpic';
import { deliversAll, type LibraryCall, publicId } from './library-site.ts';

const source = `https://res.cloudinary.com/demo/image/upload/${publicId}.jpg`;

function urlFor(operations: object): string {
  const url = transformUrl({ url: source, ...operations });
  if (url === undefined) throw new Error('unpic does not know this URL.');
  return String(url);
}

const rows: readonly (readonly [operations: object, size: LibraryCall['size'], type?: string])[] = [
  [{ width: 800 }, [800, 500]],
  [{ height: 500 }, [800, 500]],
  [{ width: 800, height: 600 }, [800, 600]],
  [{ width: 300, height: 300 }, [300, 300]],
  [{ width: 3000, height: 2000 }, [1600, 1000]],
  [{ width: 800, height: 2000 }, [800, 1000]],
  [{ width: 3000, height: 500 }, [1600, 500]],
  [{ width: 320, format: 'png' }, [320, 200], 'image/png'],
  [{ width: 320, format: 'avif' }, [320, 200], 'image/avif'],
  [{ width: 320, quality: 50 }, [320, 200]],
  [{ width: 641.4 }, [641, 401]],
];

deliversAll(
  'unpic',
  rows.map(([operations, size, type]) => ({
    call: JSON.stringify(operations),
    url: urlFor(operations),
    size,
    ...(type === undefined ? {} : { type }),
  })),
);
