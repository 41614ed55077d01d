import './styles.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createEngineClient } from '../client/engine-client.ts';
import { App } from './app/app.tsx';

const connect = () => createEngineClient(new Worker(new URL('../host/main.ts', import.meta.url), { type: 'module', name: 'engine' }));

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App connect={connect} />
  </StrictMode>,
);
