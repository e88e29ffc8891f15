import { defineConfig } from "vitest/config";

const EVERYWHERE = ["**/node_modules/**", "**/dist/**", "**/.cache/**"];
// The long form makes many more cases of the same tests, on machines that others use, too.
const MINUTES = process.env.LONG === "1" ? 60 : 1;
const BROWSER_TESTS = "test/e2e/**/*.test.ts";

export default defineConfig({
  test: {
    // Two cores are the smallest machine that the project promises to test on.
    maxWorkers: 2,
    testTimeout: MINUTES * 60_000,
    hookTimeout: MINUTES * 60_000,
    globalSetup: "./scripts/test/global-setup.ts",
    setupFiles: "./scripts/test/properties.ts",
    projects: [
      {
        extends: true,
        test: {
          name: "code",
          include: ["**/*.test.ts"],
          exclude: [...EVERYWHERE, BROWSER_TESTS],
          sequence: { groupOrder: 0 },
        },
      },
      {
        // A browser with VS Code in it takes both cores: its tests come when the others are done.
        extends: true,
        // One at a time: they build and pack the same extension.
        test: {
          name: "vscode",
          include: [BROWSER_TESTS],
          exclude: EVERYWHERE,
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
        },
      },
    ],
  },
});
