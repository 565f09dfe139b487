import { useState } from 'react';

const states = {
  up: 'Works',
  uploads: 'Refuses uploads',
  pictures: 'Makes no pictures',
} as const;

type ServerState = keyof typeof states;

/** Makes the server fail, to show what visitors see then. */
export function ServerSwitch() {
  const [chosen, setChosen] = useState<ServerState>('up');
  const choose = async (state: ServerState): Promise<void> => {
    await fetch(`/server/${state}`, { method: 'PUT' });
    setChosen(state);
  };
  return (
    <section aria-labelledby="server-title">
      <h2 id="server-title">The server</h2>
      <p className="row">
        {Object.entries(states).map(([state, text]) => (
          <button
            key={state}
            type="button"
            id={`server-${state}`}
            aria-pressed={state === chosen}
            onClick={() => void choose(state as ServerState)}
          >
            {text}
          </button>
        ))}
      </p>
    </section>
  );
}
