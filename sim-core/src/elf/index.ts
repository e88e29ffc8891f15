export * from "./model.ts";
export { type ObjectResult, readObject } from "./object-reader.ts";
export { writeObject } from "./object-writer.ts";
export { readElf } from "./read.ts";
export { writeElf } from "./write.ts";
