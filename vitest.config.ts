import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/.cache/**"],
    // Two cores are the smallest machine that the project promises to test on.
    maxWorkers: 2,
    testTimeout: 60_000,
  },
});
