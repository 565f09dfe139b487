import { createAsset, imgAttrs } from '@safelight/client/url';

// Server-side rendering: turns a reference from a database into markup, in a process without a DOM.
const place = { endpoint: 'https://pictures.example', cloudName: 'demo' };
const stored =
  '{"publicId":"pets/cat","version":1795368841,"resourceType":"image","format":"jpg","width":1200,"height":800}';
const attributes = imgAttrs(createAsset(JSON.parse(stored), place), { width: 300, alt: 'A "cat" & more' });
const html = Object.entries(attributes).map(([name, value]) => `${name}="${quoted(String(value))}"`);
console.log(`<img ${html.join(' ')}>`);

function quoted(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
}
