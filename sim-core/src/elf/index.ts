export type { AddressField, WrittenSection } from "./bytes.ts";
export { EXPECTATION_SECTION, LAYER_SECTION, NOTE_SECTION, TENSOR_SECTION } from "./constants.ts";
export { writeDebug } from "./dwarf-line-writer.ts";
export { writeExpectations, writeFacts, writeLayers, writeTensors } from "./metadata.ts";
export * from "./model.ts";
export { type ObjectResult, readObject } from "./object-reader.ts";
export { writeObject } from "./object-writer.ts";
export { readElf } from "./read.ts";
export { attributesSection, writeElf } from "./write.ts";
