/** Collects the linker's diagnostics. Places in sources are found when the line table is known, so texts come last. */
import type { Diagnostic, Range, RelatedPlace } from "../diagnostics/index.ts";
import { LineIndex, type Program } from "../program/index.ts";
import { LINK_DIAGNOSTICS, type LinkDiagnosticId, type LinkDiagnosticKind, type LinkParameters } from "./catalogue.ts";
import type { LinkedObject, LinkSection, LinkSymbol } from "./input.ts";
import { type Layout, placeProblemText } from "./layout.ts";

/** A place in an object. */
export interface Use {
  readonly section: LinkSection;
  readonly offset: number;
}

const NOWHERE: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
/** More places of one error help nobody. */
const MAX_RELATED = 10;
const MAX_ERRORS = 1000;

export class LinkReporter {
  errors = 0;
  private readonly pending: (() => Diagnostic)[] = [];
  private index: LineIndex | undefined;

  /** Makes places in sources known. */
  lines(program: Program): void {
    this.index = new LineIndex(program);
  }

  /** Reports what concerns a file as a whole. */
  reportFile<Id extends LinkDiagnosticId>(id: Id, parameters: LinkParameters<Id>, file: string): void {
    this.add(id, () => diagnostic(id, parameters, file, NOWHERE));
  }

  /**
   * Reports what concerns a place.
   * @param parameters takes the place in words
   */
  reportAt<Id extends LinkDiagnosticId>(
    id: Id,
    use: Use,
    parameters: (user: string) => LinkParameters<Id>,
    others: readonly Use[] = [],
  ): void {
    this.add(id, () => {
      const { file, range } = this.placeOf(use);
      const related = others.slice(0, MAX_RELATED).map((other): RelatedPlace => {
        return { ...this.placeOf(other), message: `and ${describe(other)}` };
      });
      return diagnostic(id, parameters(describe(use)), file, range, related);
    });
  }

  private add(id: LinkDiagnosticId, make: () => Diagnostic): void {
    if (LINK_DIAGNOSTICS[id].severity === "error") this.errors++;
    if (this.pending.length < MAX_ERRORS) this.pending.push(make);
  }

  duplicate(symbol: LinkSymbol, object: LinkedObject, definition: NonNullable<LinkSymbol["definition"]>): void {
    const { name, owner } = symbol;
    this.add("link-duplicate", () => {
      const second =
        definition.kind === "section" ? { section: definition.section, offset: definition.value } : undefined;
      const known = symbol.definition;
      const first = known?.kind === "section" ? { section: known.section, offset: known.value } : undefined;
      const place = second ? this.placeOf(second) : { file: object.name, range: NOWHERE };
      const other = first ? this.placeOf(first) : { file: owner?.name ?? "", range: NOWHERE };
      const parameters = { name, first: owner?.name ?? "", second: object.name };
      return diagnostic("link-duplicate", parameters, place.file, place.range, [
        { ...other, message: "first defined here" },
      ]);
    });
  }

  /** Reports sections that can't be placed. */
  layout({ problems, sections }: Layout<LinkSection>): void {
    for (const problem of problems) {
      if (problem.kind === "unplaced") {
        const { name, object, size } = problem.part;
        this.reportFile("link-unplaced", { section: name, object: object.name, bytes: size }, object.name);
        continue;
      }
      const file = problem.section.parts[0]?.object.name ?? "";
      if (problem.kind === "overflow") {
        const { memory, section, needed, available } = problem;
        const largest = sections
          .filter((other) => other.memory === memory)
          .sort((a, b) => b.bytes - a.bytes)
          .slice(0, 3)
          .map(({ name, bytes }) => `${name} ${bytes}`)
          .join(", ");
        this.reportFile("link-overflow", { section: section.name, memory, needed, available, largest }, file);
      } else this.reportFile("link-place", { detail: placeProblemText(problem) }, file);
    }
  }

  private placeOf({ section, offset }: Use): { readonly file: string; readonly range: Range } {
    const { object, index, address } = section;
    const statement = object.input.placeOf?.(index, offset);
    if (statement) return { file: statement.file, range: statement.range };
    const place = section.flags.execute ? this.index?.placeOf(address + offset) : undefined;
    if (!place) return { file: object.name, range: NOWHERE };
    const position = { line: Math.max(0, place.line - 1), character: Math.max(0, place.column - 1) };
    return { file: place.file, range: { start: position, end: position } };
  }

  /** All diagnostics, with what is known of places by now. */
  finish(): Diagnostic[] {
    return this.pending.map((make) => make());
  }
}

/** A place in words: the function or data around it, the object, and where in its section. */
function describe({ section, offset }: Use): string {
  const { object, name } = section;
  let around: LinkSymbol | undefined;
  let start = -1;
  for (const symbol of object.symbols) {
    const { definition } = symbol;
    if (definition?.kind !== "section" || definition.section !== section || symbol.kind === "section") continue;
    if (definition.value > offset || definition.value < start || /^(\.L|\$|$)/.test(symbol.name)) continue;
    around = symbol;
    start = definition.value;
  }
  const place = `${object.name} (${name}+0x${offset.toString(16)})`;
  return around ? `\`${around.name}\` in ${place}` : place;
}

function diagnostic<Id extends LinkDiagnosticId>(
  id: Id,
  parameters: LinkParameters<Id>,
  file: string,
  range: Range,
  related: readonly RelatedPlace[] = [],
): Diagnostic {
  const { severity, message, hint } = LINK_DIAGNOSTICS[id] as unknown as LinkDiagnosticKind<LinkParameters<Id>>;
  return {
    id,
    severity,
    message: message(parameters),
    hint: hint(parameters),
    file,
    range,
    ...(related.length > 0 ? { related } : {}),
  };
}
