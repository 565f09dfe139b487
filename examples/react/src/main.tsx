import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Album } from './album.tsx';

const app = document.getElementById('app');
if (app === null) throw new Error('The page has no element with the ID "app".');
createRoot(app).render(
  <StrictMode>
    <Album />
  </StrictMode>,
);
