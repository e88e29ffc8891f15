export { assemble } from "./assemble.ts";
export * from "./model.ts";
export { parseFile, rangeIn } from "./syntax/file.ts";
export * from "./syntax/tree.ts";
