import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const CANDIDATES = [
  process.env.NNASM_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** What to tell someone who has no browser that the workbench can be driven in. */
export const CHROMIUM_HINT =
  "it needs Chromium: `apt-get install chromium` (another place can be given in NNASM_CHROMIUM)";

/** @returns the absolute path of an installed Chromium, or undefined. */
export function findChromium(): string | undefined {
  return CANDIDATES.find((candidate) => candidate !== undefined && existsSync(candidate));
}

export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      // Chromium refuses its sandbox to root, which is who runs CI; the only page it opens is our own, on loopback.
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-dev-shm-usage",
    ],
  });
}
