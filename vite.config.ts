import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { thirdPartyLicences } from './scripts/lib/licences.mjs';

/**
 * What the published page may do. A meta element, because a static host lets nobody set headers. Styles may be inline: React, mermaid
 * and CodeMirror write them. WebAssembly is the VM in which project code runs; nothing ever evaluates JavaScript in the page.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Only in the build: the dev server's hot reload needs an inline script. */
const contentSecurityPolicyMeta: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: { 'http-equiv': 'Content-Security-Policy', content: contentSecurityPolicy },
      injectTo: 'head-prepend',
    },
  ],
};

const licences: Plugin = {
  name: 'third-party-licences',
  apply: 'build',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'third-party-licences.txt', source: thirdPartyLicences() });
  },
};

export default defineConfig({
  base: './', // the same build works under any path
  plugins: [
    react(),
    tailwindcss(),
    contentSecurityPolicyMeta,
    licences,
    VitePWA({
      registerType: 'autoUpdate',
      injectRegister: 'script-defer', // a file of its own: the policy forbids inline scripts
      manifest: {
        name: 'Replayground',
        short_name: 'Replayground',
        description: 'Watch Temporal replay: a deterministic simulator that runs in the browser',
        start_url: './',
        scope: './',
        display: 'standalone',
        background_color: '#0b0d12',
        theme_color: '#0b0d12',
        icons: [{ src: 'icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' }],
      },
      workbox: {
        globPatterns: ['**/*.{js,css,html,svg,woff2,wasm,json,txt,bin,webmanifest}'],
        maximumFileSizeToCacheInBytes: 24 * 1024 * 1024, // the TypeScript worker alone is above the default of 2 MiB
        navigateFallback: 'index.html',
      },
    }),
  ],
  worker: { format: 'es' }, // otherwise every lazy import of the worker is inlined into one file
  build: {
    target: 'es2023',
    assetsInlineLimit: 0, // data: addresses would need a weaker policy
    chunkSizeWarningLimit: 4096, // scripts/check-budgets.mjs is the judge
  },
});
