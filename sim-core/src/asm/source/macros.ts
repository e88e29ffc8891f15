/** Macros and repetitions: collects their bodies and expands them. */

import type { AsmMacro } from "../model.ts";
import { type Expansion, type Place, rangeAt } from "../reporter.ts";
import { parseLine } from "../syntax/file.ts";
import type { NameNode, Span, Statement } from "../syntax/tree.ts";
import type { Unit } from "../unit.ts";
import { BodyFrame, type Piece } from "./body-frame.ts";
import { ArgumentReader, MAX_TEXT, normalize, type Substitution } from "./macro-text.ts";

interface Parameter {
  readonly name: string;
  readonly fallback: string;
  readonly kind: "" | "req" | "vararg";
}

interface Macro {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly names: ReadonlySet<string>;
  readonly body: readonly Piece[];
  /** Calls so far. */
  calls: number;
}

const MAX_DEPTH = 200;
const DEFAULT_LIMIT = 1_000_000;
const NO_BINDINGS: ReadonlyMap<string, string> = new Map();

/** What opens and closes the two kinds of block. */
const MACRO_OPEN: ReadonlySet<string> = new Set([".macro"]);
const MACRO_CLOSE: ReadonlySet<string> = new Set([".endm"]);
const REPEAT_OPEN: ReadonlySet<string> = new Set([".rept", ".irp", ".irpc", ".rep", ".irep", ".irepc"]);
const REPEAT_CLOSE: ReadonlySet<string> = new Set([".endr"]);

export class MacroTable {
  /** `.altmacro`: parameters need no backslash, `%expression` and `<text>` are arguments. */
  alternate = false;
  /** Definitions for editors, the last one of each name. */
  definitions = new Map<string, AsmMacro>();
  /** Whether any macro has been named like an instruction, in whatever case. */
  shadowsInstructions = false;
  /** When a macro was defined or forgotten last, as the symbol table's moment. */
  changedAt = 0;
  private readonly macros = new Map<string, Macro>();
  private readonly unit: Unit;
  private calls = 0;
  private locals = 0;
  private statements = 0;

  constructor(unit: Unit) {
    this.unit = unit;
  }

  names(): Iterable<string> {
    return this.macros.keys();
  }

  purge(name: string): boolean {
    this.changedAt = this.unit.symbols.moment;
    return this.macros.delete(name);
  }

  /** `.macro name parameters` up to `.endm`. */
  define(statement: Statement): void {
    const { unit } = this;
    const { place } = unit;
    const text = normalizeParameters(unit.stream.text.slice(statement.operandText.start, statement.operandText.end));
    const match = /^([^\s,(=]+)[\s,]*/.exec(text);
    const body = this.collect(statement, MACRO_OPEN, MACRO_CLOSE);
    if (!match) {
      unit.report(
        "directive-operands",
        { directive: ".macro", syntax: ".macro name [parameter[=default], ...]" },
        place,
        statement,
      );
      return;
    }
    if (!body) return;
    const name = match[1]!;
    const parameters = this.parameters(text.slice(match[0].length), place, statement);
    this.changedAt = unit.symbols.moment;
    this.shadowsInstructions ||= unit.encoder.formsOf(name) !== undefined;
    this.macros.set(name, {
      name,
      parameters,
      names: new Set(parameters.map((parameter) => parameter.name)),
      body,
      calls: 0,
    });
    const start = statement.operandText.start;
    this.definitions.set(name, {
      name,
      file: place.file,
      range: rangeAt(place, { start, end: start + name.length }),
      parameters: text.slice(match[0].length),
    });
  }

  private parameters(text: string, place: Place, span: Span): Parameter[] {
    const parameters: Parameter[] = [];
    const pattern = /\s*([^\s,:=()]+)\s*(?::\s*(\w+))?\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s,]*))?[\s,]*/y;
    while (pattern.lastIndex < text.length) {
      const from = pattern.lastIndex;
      const match = pattern.exec(text);
      if (!match) {
        const detail = `can't read the macro's parameters at \`${text.slice(from)}\``;
        this.unit.report("macro-argument", { detail }, place, span);
        break;
      }
      const kind = match[2] ?? "";
      if (kind !== "" && kind !== "req" && kind !== "vararg") {
        const detail = `\`${kind}\` is no kind of parameter; there are req and vararg`;
        this.unit.report("macro-argument", { detail }, place, span);
      }
      if (parameters.some((parameter) => parameter.name === match[1])) {
        const detail = `the macro has two parameters \`${match[1]}\``;
        this.unit.report("macro-argument", { detail }, place, span);
      }
      const fallback = match[3] ?? "";
      parameters.push({
        name: match[1]!,
        fallback: fallback.startsWith('"') ? fallback.slice(1, -1) : fallback,
        kind: kind === "req" || kind === "vararg" ? kind : "",
      });
    }
    return parameters;
  }

  /** Expands a macro call; false when the name is no macro. */
  call(statement: Statement, name: NameNode): boolean {
    if (this.macros.size === 0) return false;
    const macro = this.macros.get(name.name) ?? this.macros.get(name.name.toLowerCase());
    if (!macro) return false;
    const { unit } = this;
    const { place } = unit;
    const bindings = this.bind(macro, statement, place);
    if (!bindings) return true;
    const substitution: Substitution = {
      bindings,
      counter: this.calls++,
      round: macro.calls++,
      plain: this.alternate ? bindings : undefined,
    };
    this.enter(macro.body, 1, () => substitution, `macro \`${macro.name}\``, statement, macro.name);
    return true;
  }

  private bind(macro: Macro, statement: Statement, place: Place): Map<string, string> | undefined {
    const { start, end } = statement.operandText;
    const text = normalize(this.unit.stream.text.slice(start, end));
    const reader = new ArgumentReader(text, this.alternate);
    const bindings = new Map<string, string>();
    const fail = (detail: string): undefined => {
      this.unit.report("macro-argument", { detail }, place, statement);
      return undefined;
    };
    let position = 0;
    let named = false;
    while (!reader.done) {
      const next = macro.parameters[position];
      if (next?.kind === "vararg" && !named) {
        bindings.set(next.name, reader.rest());
        break;
      }
      const argument = reader.next("any");
      if (argument.name !== undefined) {
        if (!macro.names.has(argument.name)) return fail(`\`${macro.name}\` has no parameter \`${argument.name}\``);
        named = true;
        bindings.set(argument.name, this.argument(argument.text, statement));
      } else if (named) {
        return fail("arguments by position can't follow arguments by name");
      } else if (!next) {
        return fail(`too many arguments: \`${macro.name}\` takes ${macro.parameters.length}`);
      } else {
        bindings.set(next.name, this.argument(argument.text, statement));
        position++;
      }
    }
    for (const { name, fallback, kind } of macro.parameters) {
      if (bindings.get(name)) continue;
      if (kind === "req") return fail(`\`${macro.name}\` needs a value for its parameter \`${name}\``);
      bindings.set(name, fallback);
    }
    return bindings;
  }

  /** The text of an argument; under .altmacro, `%expression` is its value. */
  private argument(text: string, span: Span): string {
    if (!this.alternate || !text.startsWith("%")) return text;
    const [operand] = parseLine(`.word ${text.slice(1)}`).statements[0]?.operands ?? [];
    // The expression's columns are those of a line of its own: the call is what a message can show.
    const value = this.unit.constant(operand && { ...operand, start: span.start, end: span.end }, "the argument");
    return String(value ?? 0);
  }

  /** `.rept count` up to `.endr`. */
  repeat(statement: Statement, count: number): void {
    const body = this.collect(statement, REPEAT_OPEN, REPEAT_CLOSE);
    if (!body || count <= 0) return;
    const substitution = (round: number): Substitution => ({
      bindings: NO_BINDINGS,
      counter: undefined,
      round,
      plain: undefined,
    });
    this.enter(body, count, substitution, statement.name!.name, statement);
  }

  /** `.irp` and `.irpc`: the body once for each value of a symbol. */
  iterate(statement: Statement, symbol: string, values: readonly string[]): void {
    const body = this.collect(statement, REPEAT_OPEN, REPEAT_CLOSE);
    if (!body) return;
    const substitution = (round: number): Substitution => ({
      bindings: new Map([[symbol, values[round] ?? ""]]),
      counter: undefined,
      round,
      plain: undefined,
    });
    this.enter(body, values.length, substitution, statement.name!.name, statement);
  }

  /** `.exitm`: leaves the innermost macro; false outside of macros. */
  leave(): boolean {
    const { frames } = this.unit.stream;
    for (let index = frames.length - 1; index >= 0; index--) {
      const frame = frames[index]!;
      if (frame.file !== undefined) return false;
      if (frame instanceof BodyFrame) {
        frame.stop();
        this.unit.conditions.closeDownTo(index + 1);
        if (frame.isMacro) return true;
      }
    }
    return false;
  }

  /** `LOCAL name, name`: names that are new in every expansion. */
  local(names: readonly string[]): boolean {
    const frame = this.unit.stream.frames.at(-1);
    if (!(frame instanceof BodyFrame)) return false;
    for (const name of names) frame.rename(name, `.LL${String(this.locals++).padStart(4, "0")}`);
    return true;
  }

  private enter(
    body: readonly Piece[],
    rounds: number,
    substitution: (round: number) => Substitution,
    what: string,
    call: Statement,
    macro?: string,
  ): void {
    const { unit } = this;
    const { place } = unit;
    if (unit.stream.frames.length >= MAX_DEPTH) {
      this.exhaust(`expansions are nested more than ${MAX_DEPTH} levels deep`, place, call);
      return;
    }
    const expansion: Expansion = { what, macro, call: place, span: call };
    unit.stream.push(
      new BodyFrame(
        body,
        rounds,
        substitution,
        expansion,
        (characters) => {
          const limit = unit.options.expansionLimit ?? DEFAULT_LIMIT;
          const isTooMany = ++this.statements > limit;
          if (!isTooMany && characters <= MAX_TEXT) return true;
          const detail = isTooMany
            ? `macros and repetitions make more than ${limit} statements`
            : `a statement of a macro or repetition has more than ${MAX_TEXT} characters`;
          this.exhaust(detail, place, call);
          return false;
        },
        unit.places,
      ),
    );
  }

  private exhaust(detail: string, place: Place, span: Span): void {
    if (!this.unit.cutOff) this.unit.report("expansion-limit", { detail }, place, span);
    this.unit.cutOff = true;
  }

  /** Reads statements up to the end of the block; undefined after a message when there is none. */
  private collect(statement: Statement, open: ReadonlySet<string>, close: ReadonlySet<string>): Piece[] | undefined {
    const { unit } = this;
    const { place } = unit;
    const frame = unit.stream.frames.at(-1)!;
    const body: Piece[] = [];
    let depth = 1;
    for (let piece = frame.next(); piece; piece = frame.next()) {
      const name = piece.name?.name ?? "";
      if (open.has(name)) depth++;
      else if (close.has(name) && --depth === 0) {
        return body;
      }
      const text = frame.text.slice(piece.start, piece.end);
      body.push({ statement: piece, place: frame.place, text, line: frame.text });
    }
    const parameters = { open: statement.name!.name, close: [...close][0]! };
    unit.report("unbalanced-block", parameters, place, statement.name!);
    return undefined;
  }
}

/** Blanks around `=` and `:` have no meaning in parameter lists. */
function normalizeParameters(text: string): string {
  return text.replace(/\/\*.*?\*\//gs, " ").replace(/\s*([=:])\s*/g, "$1");
}
