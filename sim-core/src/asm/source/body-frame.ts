/** The frame of a macro's or repetition's body. */
import type { Expansion, Place } from "../reporter.ts";
import { parseLine } from "../syntax/file.ts";
import type { SourceLine, Statement } from "../syntax/tree.ts";
import type { LinePlaces } from "./line-places.ts";
import { type Substitution, substitute } from "./macro-text.ts";
import type { Frame } from "./stream.ts";

/** A statement of a body. */
export interface Piece {
  readonly statement: Statement;
  readonly place: Place;
  readonly text: string;
  /** The text of its whole line, to which its columns refer. */
  readonly line: string;
}

/** Lines of expansions by their text: calls with the same arguments make the same, in this assembly and after an edit. */
const expandedLines = new Map<string, SourceLine>();
const MAX_LINES = 4096;
const MAX_LENGTH = 200;

function expandedLine(text: string): SourceLine {
  if (text.length > MAX_LENGTH) return parseLine(text);
  let line = expandedLines.get(text);
  if (!line) {
    line = parseLine(text);
    if (expandedLines.size >= MAX_LINES) expandedLines.clear();
    expandedLines.set(text, line);
  }
  return line;
}

/** The statements of a body, round after round. */
export class BodyFrame implements Frame {
  readonly file = undefined;
  place: Place;
  text = "";
  private readonly body: readonly Piece[];
  private rounds: number;
  private readonly substitutionOf: (round: number) => Substitution;
  private readonly expansion: Expansion;
  private readonly tick: (characters: number) => boolean;
  private readonly linePlaces: LinePlaces;
  private substitution: Substitution;
  /** Places of the pieces that are used as they stand, made once for all rounds. */
  private readonly places: (Place | undefined)[] = [];
  private round = 0;
  private piece = 0;
  /** Statements of a piece whose text became more than one. */
  private line: SourceLine | undefined;
  private lineIndex = 0;

  constructor(
    body: readonly Piece[],
    rounds: number,
    substitutionOf: (round: number) => Substitution,
    expansion: Expansion,
    tick: (characters: number) => boolean,
    linePlaces: LinePlaces,
  ) {
    this.linePlaces = linePlaces;
    this.body = body;
    this.rounds = body.length > 0 ? rounds : 0;
    this.substitutionOf = substitutionOf;
    this.expansion = expansion;
    this.tick = tick;
    this.place = { ...expansion.call };
    this.substitution = substitutionOf(0);
  }

  get isMacro(): boolean {
    return this.substitution.counter !== undefined;
  }

  stop(): void {
    this.rounds = 0;
    this.line = undefined;
  }

  rename(name: string, unique: string): void {
    this.substitution = { ...this.substitution, plain: new Map([...(this.substitution.plain ?? []), [name, unique]]) };
  }

  next(): Statement | undefined {
    for (;;) {
      if (this.line) {
        const statement = this.line.statements[this.lineIndex++];
        if (statement) return statement;
        this.line = undefined;
      }
      if (this.round >= this.rounds) return undefined;
      if (this.piece >= this.body.length) {
        this.piece = 0;
        this.round++;
        if (this.round >= this.rounds) return undefined;
        this.substitution = this.substitutionOf(this.round);
        continue;
      }
      const piece = this.body[this.piece++]!;
      const { statement, place } = piece;
      const text = substitute(piece.text, this.substitution);
      if (!this.tick(text.length)) return undefined;
      if (text === piece.text) {
        this.place = this.places[this.piece - 1] ??= this.linePlaces.add({ ...place, expansion: this.expansion });
        this.text = piece.line;
        return statement;
      }
      this.line = expandedLine(text);
      this.lineIndex = 0;
      this.text = text;
      const shape = place.shape ?? { text: piece.line, height: 1, whole: undefined };
      const { file, firstLine } = place;
      const { expansion } = this;
      const whole = shape.whole ?? statement;
      this.place = this.linePlaces.add({ file, firstLine, expansion, shape: { ...shape, whole } });
    }
  }
}
