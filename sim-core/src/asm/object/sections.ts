/** The sections of a program being assembled, and which one is current. */
import { type MachineConfig, memoryRegions } from "../../config/index.ts";
import { LayoutRules, type SectionFlags, sectionDefaults } from "../../link/rules.ts";
import { Section } from "./section.ts";

export class SectionTable {
  readonly all: Section[] = [];
  current: Section;
  previous: Section | undefined;
  private readonly byName = new Map<string, Section>();
  private readonly stack: { readonly current: Section; readonly previous: Section | undefined }[] = [];
  private readonly limits: ReadonlyMap<string, number>;
  private readonly rules: LayoutRules;

  constructor(config: MachineConfig) {
    this.rules = new LayoutRules(config.layout);
    this.limits = new Map(memoryRegions(config).map(({ name, bytes }) => [name, bytes]));
    this.current = this.open(".text");
    // In GNU's objects these three come first, whatever the source begins with; it decides what lies where.
    this.open(".data");
    this.open(".bss");
  }

  get(name: string): Section | undefined {
    return this.byName.get(name);
  }

  /** The section of a name, made with these flags (or the name's defaults) when it is new. */
  open(name: string, flags?: SectionFlags, nobits?: boolean): Section {
    const known = this.byName.get(name);
    if (known) return known;
    const defaults = sectionDefaults(name);
    const given = flags ?? defaults.flags;
    const memory = this.rules.destination(name, given)?.memory ?? "ddr";
    const limit = this.limits.get(memory) ?? 0;
    const section = new Section(name, this.all.length, given, nobits ?? defaults.nobits, limit);
    if (given.execute) section.alignment = 4;
    this.byName.set(name, section);
    this.all.push(section);
    return section;
  }

  switchTo(section: Section): void {
    this.previous = this.current;
    this.current = section;
  }

  push(): void {
    this.stack.push({ current: this.current, previous: this.previous });
  }

  /** Goes back to where the matching push was; false when there was none. */
  pop(): boolean {
    const saved = this.stack.pop();
    if (!saved) return false;
    this.current = saved.current;
    this.previous = saved.previous;
    return true;
  }
}
