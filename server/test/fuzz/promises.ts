/** What answers with edits promise, checked by applying them. */
import { type AssembleOptions, type Assembly, assemble } from "@nnasm/sim-core/asm";
import type {
  CodeAction,
  SemanticTokens,
  SemanticTokensDelta,
  TextEdit,
  WorkspaceEdit,
} from "vscode-languageserver-protocol";
import type { FuzzClient } from "./client.ts";
import { applied, changed } from "./edits.ts";
import type { Project } from "./project.ts";
import type { Spot } from "./requests.ts";

type Options = Pick<AssembleOptions, "entry" | "config" | "isa">;

/** All bytes of a program, section by section, or undefined when it has errors. */
const bytesOf = ({ program }: Assembly): string | undefined =>
  program &&
  JSON.stringify(program.segments.map(({ address, bytes }) => [address, Buffer.from(bytes ?? []).toString("base64")]));

const withoutBlanks = (text: string): string => text.replace(/\s+/g, "");

export class Promises {
  private readonly project: Project;
  private readonly texts: ReadonlyMap<string, string>;
  private readonly spot: Spot;
  private readonly options: Options;

  private constructor(project: Project, texts: ReadonlyMap<string, string>, spot: Spot, options: Options) {
    this.project = project;
    this.texts = texts;
    this.spot = spot;
    this.options = options;
  }

  static async of(project: Project, texts: ReadonlyMap<string, string>, spot: Spot): Promise<Promises> {
    return new Promises(project, texts, spot, await project.program(texts, spot.uri));
  }

  /** The program from texts alone, with nothing kept from before. */
  private assembled(texts: ReadonlyMap<string, string>): Assembly {
    return assemble({ ...this.options, host: this.project.sourceHost(texts) });
  }

  /** Checks what an answer promises; most promise nothing that their ranges don't say. */
  async check(client: FuzzClient, method: string, answer: unknown): Promise<void> {
    if (answer === null || answer === undefined || (answer as { refused?: string }).refused !== undefined) return;
    switch (method) {
      case "textDocument/rename":
        this.sameProgram(answer as WorkspaceEdit, "rename");
        return;
      case "textDocument/formatting":
        this.formatting(answer as TextEdit[]);
        return;
      case "textDocument/codeAction":
        this.fixes(answer as CodeAction[]);
        return;
      case "textDocument/linkedEditingRange":
        this.sameText(answer as { ranges: TextEdit["range"][] });
        return;
      case "textDocument/semanticTokens/full":
        await this.delta(client, answer as SemanticTokens);
    }
  }

  /** A new name and other blanks change no byte of the program. */
  private sameProgram(edit: WorkspaceEdit, what: string): void {
    const before = bytesOf(this.assembled(this.texts));
    const texts = applied(this.texts, edit);
    if (before === undefined || !texts) return;
    const after = this.assembled(texts);
    if (bytesOf(after) === before) return;
    const [error] = after.diagnostics;
    throw new Error(`${what} changes the program: ${error?.message} ${JSON.stringify(edit).slice(0, 500)}`);
  }

  private formatting(edits: readonly TextEdit[]): void {
    const { uri } = this.spot;
    const text = this.texts.get(uri)!;
    if (withoutBlanks(changed(uri, text, edits)) !== withoutBlanks(text))
      throw new Error(`formatting changes more than blanks: ${JSON.stringify(edits).slice(0, 500)}`);
    this.sameProgram({ changes: { [uri]: [...edits] } }, "formatting");
  }

  /** The diagnostic that a quick fix is for is gone from its place, and the fix has changed something. */
  private fixes(actions: readonly CodeAction[]): void {
    for (const { kind, title, diagnostics = [], edit } of actions) {
      if (kind !== "quickfix" || !edit) continue;
      const texts = applied(this.texts, edit);
      if (!texts) continue;
      if (texts.get(this.spot.uri) === this.texts.get(this.spot.uri)) throw new Error(`${title} changes nothing`);
      const left = this.assembled(texts).diagnostics;
      for (const { code, message, range } of diagnostics) {
        const [said] = String(message).split("\nhint: ");
        const { line, character } = range.start;
        const same = left.find(
          ({ id, file, message: text, range: { start } }) =>
            id === code &&
            file === this.spot.uri &&
            text === said &&
            start.line === line &&
            start.character === character,
        );
        if (same) throw new Error(`"${title}" leaves "${said}" at ${line}:${character}`);
      }
    }
  }

  private sameText({ ranges }: { ranges: readonly TextEdit["range"][] }): void {
    const lines = this.texts.get(this.spot.uri)!.split(/\r\n|\r|\n/);
    const words = ranges.map(({ start, end }) => lines[start.line]!.slice(start.character, end.character));
    if (new Set(words).size !== 1) throw new Error(`linked ranges differ: ${words.join(", ")}`);
  }

  /** Tokens asked for as a difference to what the client has are those asked for as a whole. */
  private async delta(client: FuzzClient, full: SemanticTokens): Promise<void> {
    const { uri } = this.spot;
    const had = client.tokens.get(uri);
    if (had) {
      const parameters = { textDocument: { uri }, previousResultId: had.resultId };
      const answer = (await client.ask("textDocument/semanticTokens/full/delta", parameters)) as SemanticTokensDelta;
      const made = [...had.data];
      for (const { start, deleteCount, data = [] } of answer.edits ?? []) made.splice(start, deleteCount, ...data);
      if (answer.edits && made.join() !== full.data.join()) throw new Error("the difference of tokens makes others");
    }
    // The next difference is to these, with edits in between.
    const again = (await client.ask("textDocument/semanticTokens/full", { textDocument: { uri } })) as SemanticTokens;
    client.tokens.set(uri, again);
  }
}
