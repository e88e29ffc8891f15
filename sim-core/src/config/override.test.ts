import { describe, expect, it } from "vitest";
import { overrideConfig, PRESETS } from "./index.ts";

describe("values laid over a configuration", () => {
  it("changes what is named and nothing else", () => {
    const result = overrideConfig({ nu: { cop: 32 } }, [
      { key: "nu.cip", value: "8" },
      { key: "cu.misaligned", value: "split" },
      { key: "cu.pmWritable", value: "true" },
      { key: "clockMHz", value: "1_000" },
    ]);
    expect(result).toMatchObject({
      config: {
        ...PRESETS.default,
        clockMHz: 1000,
        nu: { ...PRESETS.default.nu, cip: 8, cop: 32 },
        cu: { ...PRESETS.default.cu, misaligned: "split", pmWritable: true },
      },
    });
  });

  it("a preset goes below what the file says", () => {
    const result = overrideConfig({ nu: { cop: 4 } }, [{ key: "preset", value: "nn2048" }]);
    expect(result).toMatchObject({ config: { ...PRESETS.nn2048, nu: { ...PRESETS.nn2048.nu, cop: 4 } } });
  });

  it.each([
    ["nu.cpi", "8", "no key nu.cpi", "did you mean nu.cip?"],
    ["nu", "8", "no key nu", "keys: nu.cip"],
    ["entry.x", "8", "no key entry.x", "did you mean entry?"],
    ["nu.cip", "12", "nu.cip: must be a power of two", undefined],
    ["nu.cip", "big", "nu.cip: ", undefined],
    ["preset", "nn3", "preset: ", undefined],
    ["ddr.bytesPerCycle", "0", "ddr.bytesPerCycle: ", undefined],
  ])("refuses %s=%s", (key, value, error, hint) => {
    const result = overrideConfig({}, [{ key, value }]);
    expect(result).toMatchObject({ error: expect.stringContaining(error) });
    if (hint) expect(result).toMatchObject({ hint: expect.stringContaining(hint) });
  });
});
