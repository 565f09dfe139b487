import { createAsset } from '@safelight/client/url';
import { Picture } from './picture.jsx';

// A server component.
export default function Page() {
  const stored = { publicId: 'cat', version: 1795368841, resourceType: 'image', format: 'jpg' };
  const asset = createAsset(stored, { endpoint: 'https://pictures.example', cloudName: 'demo' });
  return (
    <main>
      <img id="server" src={asset.url({ width: 300 })} alt="A cat" />
      <Picture stored={asset.toJSON()} />
    </main>
  );
}
