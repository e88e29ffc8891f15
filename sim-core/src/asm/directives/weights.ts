/** `.weights`: trained weights out of a file as a tensor, arranged for the MAC array if wanted. */
import { ENUMS } from "../../isa/index.ts";
import { elementBytes } from "../../machine/descriptor.ts";
import { arrangeBlocks } from "../../machine/weight-blocks.ts";
import { readBinary } from "../source/binary.ts";
import type { Directive } from "./directive.ts";
import { declare, type PlaceElements, type Shape, storageMemory, storeElements } from "./tensor.ts";

/** Bytes of weights as they stand in a file: OHWI, rows of input channels padded to whole bytes. */
function fileBytes({ dtype, dims: [n, h, w, c] }: Shape): number {
  return n * h * w * elementBytes(ENUMS.dtype[dtype], c);
}

const placeWeights: PlaceElements = (unit, name, options, shape, statement) => {
  const file = statement.operands[POSITIONAL - 1];
  const memory = options.in ? storageMemory(unit, options.in) : "ddr";
  if (file?.kind !== "string" || !memory) {
    if (memory) unit.wrongOperands(WEIGHTS, statement, file);
    return undefined;
  }
  if (options.at) {
    unit.report("tensor-place-twice", { name: name.name }, unit.place, options.at);
    return undefined;
  }
  const needed = fileBytes(shape);
  const given = readBinary(unit, file, undefined, undefined);
  if (!given) return undefined;
  if (given.length !== needed) {
    unit.report("weights-size", { bytes: given.length, needed, shape: shape.dims.join(" x ") }, unit.place, file);
    return undefined;
  }
  const { cip, cop } = unit.options.config.nu;
  const zeroPoint = Number(unit.symbols.entries.get(`${name.name}.zp`)?.value ?? 0);
  const [n, h, w, c] = shape.dims;
  const weights = { n, h, w, c, dtype: ENUMS.dtype[shape.dtype] };
  const bytes = shape.layout === "blocked" ? arrangeBlocks(given, weights, zeroPoint, cip, cop) : given;
  const section = unit.sections.open(`.${memory}.weights`, { allocate: true, write: false, execute: false }, false);
  return storeElements(unit, name, section, bytes.length, statement, () => section.append(bytes));
};

/** name, data type, o, h, w, i, file */
const POSITIONAL = 7;

export const WEIGHTS: Directive = {
  group: "neural",
  syntax:
    '.weights name, dtype, o, h, w, i, "file" [, zp=number] [, scale=number] [, table=address] [, layout=nhwc|blocked] [, in=ddr|dm|wm]',
  summary: "declare weights whose elements a file holds in OHWI order; layout=blocked arranges them for the MAC array",
  run: (unit, statement, directive) => declare(unit, statement, directive, POSITIONAL, placeWeights),
};
