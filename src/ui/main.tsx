import './styles.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createEngineClient, type EngineClient } from '../client/engine-client.ts';
import { App } from './app/app.tsx';
import { useSettings, type Settings } from './app/settings.ts';

const startEngine = () => createEngineClient(new Worker(new URL('../host/main.ts', import.meta.url), { type: 'module', name: 'engine' }));

/** An engine that nobody uses yet. It takes a second to start, so it does not wait for the stage's code; other pages come first. */
let ahead: EngineClient | null = location.hash.startsWith('#/s/') ? startEngine() : null;
const later = ahead === null ? setTimeout(() => (ahead = startEngine()), 1_500) : undefined;

const connect = (): EngineClient => {
  clearTimeout(later);
  const engine = ahead ?? startEngine();
  ahead = null;
  return engine;
};

/** Before anything is drawn: numbers and canvases read it there. */
function dress({ theme, locale, large }: Settings): void {
  const root = document.documentElement;
  root.dataset['theme'] = theme;
  root.dataset['large'] = String(large);
  root.lang = locale;
}
dress(useSettings.getState());
useSettings.subscribe(dress);

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App connect={connect} />
  </StrictMode>,
);
