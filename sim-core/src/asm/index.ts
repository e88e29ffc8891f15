export { assemble } from "./assemble.ts";
export * from "./model.ts";
export { lineIndexAt, parseFile, rangeIn, reparseFile, statementAt } from "./syntax/file.ts";
export { stringBytes, stringText } from "./syntax/literals.ts";
export { tokensOf } from "./syntax/scanner.ts";
export * from "./syntax/tree.ts";
