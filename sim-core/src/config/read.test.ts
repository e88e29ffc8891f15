import { describe, expect, it } from "vitest";
import { formatDiagnostic } from "../diagnostics/index.ts";
import { PRESETS } from "./presets.ts";
import { readConfig } from "./read.ts";
import { machineSchema } from "./schema.ts";

const errors = (text: string): string[] => readConfig(text, "nnp.json").diagnostics.map(formatDiagnostic);

describe("nnp.json", () => {
  it("lays its values over the preset", () => {
    const { config, diagnostics } = readConfig('{ "preset": "nn64", "nu": { "cop": 16 } } // comment', "nnp.json");
    expect(diagnostics).toEqual([]);
    expect(config).toEqual({ ...PRESETS.nn64, nu: { ...PRESETS.nn64.nu, cop: 16 } });
  });

  it("takes an empty object as the default machine", () => {
    expect(readConfig("{}", "nnp.json").config).toEqual(PRESETS.default);
  });

  it("has presets that its own schema accepts", () => {
    for (const [name, preset] of Object.entries(PRESETS)) {
      expect(machineSchema.safeParse(preset).error?.message, name).toBeUndefined();
    }
  });

  it("names an unknown key, its place and the nearest known one", () => {
    expect(errors('{\n  "nu": { "cpi": 8 }\n}')).toEqual([
      'nnp.json:2:11: error: unknown key "nu.cpi" [config-unknown-key]\n  hint: did you mean "cip"?',
    ]);
  });

  it("names values that are out of range or of the wrong kind", () => {
    expect(errors('{ "nu": { "cip": 12 } }')[0]).toContain("1:18: error: nu.cip: must be a power of two");
    expect(errors('{ "dma": { "channels": 9 } }')[0]).toContain("1:24: error: dma.channels: ");
    expect(errors('{ "preset": "nn31" }')[0]).toMatch(
      /1:13: error: preset: must be one of "default", "nn32", .*, not "nn31" \[config-value\]\n {2}hint: did you mean "nn32"\?$/,
    );
    expect(errors('{ "nu": { "cip": "many" } }')[0]).toContain('1:18: error: nu.cip: must be a number, not "many"');
    expect(errors('{ "nu": { "cip": 4.5 } }')[0]).toContain("nu.cip: must be a whole number, not 4.5");
    expect(errors('{ "nu": { "cip": 1024 } }')[0]).toContain("nu.cip: must be at most 256, not 1024");
    expect(errors('{ "nu": [] }')[0]).toContain("nu: must be an object { ... }, not a list");
    expect(errors('{ "cu": { "pmWritable": 1 } }')[0]).toContain("cu.pmWritable: must be true or false, not 1");
    expect(errors('{ "layout": { "sections": [{ "match": ".x" }] } }')[0]).toContain(
      'memory: is missing: one of "pm", "dm", "wm", "ddr"',
    );
  });

  it("takes a memory layout and names what is wrong with one", () => {
    const layout = { sections: [{ match: ".text*", memory: "ddr", at: "0x80001000", align: 64 }], defaults: false };
    expect(readConfig(JSON.stringify({ layout }), "nnp.json").config).toEqual({ ...PRESETS.default, layout });
    const rule = (text: string) =>
      errors(`{ "layout": { "sections": [{ "match": ".x", "memory": "dm", ${text} }] } }`)[0];
    expect(rule('"intoo": ".y"')).toBe(
      'nnp.json:1:61: error: unknown key "layout.sections.0.intoo" [config-unknown-key]\n  hint: did you mean "into"?',
    );
    expect(rule('"at": "here"')).toContain("layout.sections.0.at: ");
    expect(rule('"align": 3')).toContain("layout.sections.0.align: must be a power of two");
    expect(errors('{ "layout": { "sections": [{ "match": ".x", "memory": "sram" }] } }')[0]).toContain("memory: ");
  });

  it("reports broken JSON with its place", () => {
    expect(errors('{ "nu": ')[0]).toContain("nnp.json:1:");
    expect(errors("")[0]).toContain("the file is empty");
  });
});
