/** Names and places of what findings are about. */
import type { RelatedPlace } from "../../diagnostics/index.ts";
import { ENUMS } from "../../isa/index.ts";
import { dtypeName, hex, layoutName, shapeText, unpackDescriptor } from "../../machine/index.ts";
import type { ProgramTensor } from "../../program/index.ts";
import type { KnownDescriptor } from "../../values/index.ts";
import type { LintContext } from "../context.ts";

export class Tensors {
  private readonly context: LintContext;
  private readonly byDescriptor: ReadonlyMap<number, ProgramTensor>;

  constructor(context: LintContext) {
    this.context = context;
    this.byDescriptor = new Map(context.program.tensors.map((tensor) => [tensor.descriptorAddress, tensor]));
  }

  /** Declarations of the tensors that an operation's descriptors come from, with what they are now. */
  related(descriptors: readonly KnownDescriptor[]): RelatedPlace[] {
    const told = new Set<string>();
    return descriptors.flatMap(({ words, source, known }) => {
      const tensor = this.byDescriptor.get(source);
      if (!tensor || told.has(tensor.name)) return [];
      told.add(tensor.name);
      const now = unpackDescriptor(words, 0);
      const type = ENUMS.dtype[tensor.dtype] | (ENUMS.layout[tensor.layout] << 8);
      const same =
        tensor.dims.join("x") === shapeText(now) && (words[ENUMS.tdfield.type]! & 0xffff) === type && known !== 0;
      const shape = `${shapeText(now)} ${dtypeName(now.dtype)} ${layoutName(now.layout)} at ${hex(now.base)}`;
      const message = same ? `\`${tensor.name}\`: ${shape}` : `\`${tensor.name}\`, at the operation ${shape}`;
      return this.placeOf(tensor.name, message);
    });
  }

  /** Where a tensor is declared. */
  placeOf(name: string, message: string): RelatedPlace[] {
    const symbol = this.context.assembly.symbols.get(name);
    return symbol?.file && symbol.range ? [{ file: symbol.file, range: symbol.range, message }] : [];
  }
}
