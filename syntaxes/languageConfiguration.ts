/** Brackets, comments and words of the language, for VS Code's language-configuration.json. */
export function makeLanguageConfiguration(): object {
  return {
    comments: { lineComment: "#", blockComment: ["/*", "*/"] },
    brackets: [
      ["(", ")"],
      ["[", "]"],
    ],
    autoClosingPairs: [
      { open: "(", close: ")" },
      { open: "[", close: "]" },
      { open: '"', close: '"', notIn: ["string", "comment"] },
    ],
    surroundingPairs: [
      ["(", ")"],
      ["[", "]"],
      ['"', '"'],
    ],
    // Mnemonics and directives hold dots, so a word of ours does too: `nn.wait`, `.incbin`, `\argument`.
    wordPattern: "[A-Za-z_.$\\\\][\\w.$]*|\\d[\\w.]*",
    folding: {
      markers: {
        start: "^\\s*(?:(?:#|//)\\s*#?region\\b|\\.(?:macro|rept|irp|if(?:def|ndef|c|nc|b|nb|eq|ne)?)\\b)",
        end: "^\\s*(?:(?:#|//)\\s*#?endregion\\b|\\.(?:endm|endr|endif)\\b)",
      },
    },
    onEnterRules: [
      // After a label comes its first instruction, indented.
      { beforeText: "^[A-Za-z_.$][\\w.$]*:\\s*$", action: { indent: "none", appendText: "        " } },
    ],
  };
}
