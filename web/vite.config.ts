import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  // Assets stay files: the page runs under default-src 'self', which refuses data: URLs.
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // light-dark() is left as written.
    target: ['chrome123', 'firefox120', 'safari17.5'],
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // For work on the page: `npx vite -c web/vite.config.ts` beside a running Equipoise.
  server: { proxy: { '/api': 'http://127.0.0.1:4600' } },
})
