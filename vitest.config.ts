import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'src/**/*.test.ts',
      'test/**/*.test.ts',
      'web/**/*.test.{ts,tsx}',
      'bench/**/*.test.ts',
    ],
    // Generous: a busy machine must make a test slow, never red.
    testTimeout: 180_000,
    hookTimeout: 120_000,
    // Two cores: end-to-end tests start real servers, so more workers only add noise.
    maxWorkers: 2,
    reporters: ['default'],
  },
})
