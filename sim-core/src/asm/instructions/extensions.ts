/** Instructions of RISC-V extensions that the machine doesn't have: whoever brings a source from elsewhere is told so. */

/** The first row that fits counts; names of the machine's own instructions never get here. */
const EXTENSIONS: readonly (readonly [RegExp, string])[] = [
  [/^c\./, "the C extension (compressed instructions)"],
  [/^(lr|sc|amo[a-z]+)\.[wd](\.|$)/, "the A extension (atomics)"],
  [/^(ld|lwu|sd|(add|sub|mul|sll|srl|sra|divu?|remu?|addi|slli|srli|srai|neg|sext\.)w)$/, "RV64"],
  [/^(f[ls][hwdq]|f[a-z]+\.[hsdqwlx][a-z.]*|f[rs](csr|rm|flags)i?)$/, "the F and D extensions (floating point)"],
  [/^(vseti?vli?|v[a-z0-9]+\.[vwmsx][a-z0-9.]*)$/, "the V extension (vectors)"],
  [
    /^(sh[123]add|andn|orn|xnor|clz|ctz|cpop|minu?|maxu?|ro[lr]i?|orc\.b|rev8|b(set|clr|inv|ext)i?)$/,
    "the B extension (bit manipulation)",
  ],
];

/** The extension that a mnemonic belongs to when the machine lacks it. */
export function foreignExtension(mnemonic: string): string | undefined {
  const name = mnemonic.toLowerCase();
  return EXTENSIONS.find(([pattern]) => pattern.test(name))?.[1];
}
