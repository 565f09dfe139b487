import { useUploads } from '@safelight/client/react';
import { client } from './client.ts';
import { FilePicker } from './file-picker.tsx';
import { ServerSwitch } from './server-switch.tsx';
import { Totals } from './totals.tsx';
import { UploadCard } from './upload-card.tsx';

export function Album() {
  const { items, totals, add } = useUploads(client);
  return (
    <>
      <header>
        <p className="brand">
          <span className="lamp" aria-hidden="true" />
          Safelight
        </p>
        <h1>An album in React</h1>
        <p className="lead">
          Each file is shown at once, with its progress, and is replaced by the delivered picture. An upload that fails
          can be repeated. A picture that fails is requested again when its error has expired.
        </p>
      </header>
      <main>
        <FilePicker onFiles={(files) => add(files, { resourceType: 'image' })} />
        <ServerSwitch />
        <section aria-labelledby="album-title">
          <h2 id="album-title">Album</h2>
          <Totals totals={totals} />
          {items.length === 0 && <p className="quiet">No pictures yet.</p>}
          <ul className="cards">
            {items.map((item) => (
              <UploadCard key={item.id} item={item} />
            ))}
          </ul>
        </section>
      </main>
    </>
  );
}
