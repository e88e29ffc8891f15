import path from "node:path";
import { expect, it } from "vitest";
import { ROOT, runCommand } from "../tools/index.ts";

it("an endless program holds no more memory the longer it runs", async () => {
  const script = path.join(ROOT, "test/modes/endless-run.ts");
  const { code, stdout, stderr } = await runCommand(process.execPath, ["--expose-gc", "--import", "tsx", script]);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  const { held, retired, findings } = JSON.parse(stdout) as { held: number[]; retired: number; findings: number };
  expect(retired).toBeGreaterThan(100_000);
  // The transfer back to DDR and the loads from there are not ordered: findings that are counted thousands of times.
  expect(findings).toBe(2);
  // 50,000 operations later. Compiled code and caches come and go by some hundred kilobytes; an operation has more than 1 KB.
  expect(held[2]! - held[1]!).toBeLessThan(4_000_000);
});
