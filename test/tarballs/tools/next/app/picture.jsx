'use client';

import { createClient } from '@safelight/client';
import { heal } from '@safelight/client/image';
import { useEffect, useRef } from 'react';

const client = createClient({ endpoint: 'https://pictures.example', cloudName: 'demo' });

export function Picture({ stored }) {
  const ref = useRef(null);
  useEffect(() => {
    const healing = heal(ref.current, client.asset(stored));
    return () => healing[Symbol.dispose]();
  }, [stored]);
  return <img id="client" ref={ref} src={client.asset(stored).url({ width: 200 })} alt="A cat" />;
}
