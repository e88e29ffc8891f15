export { type AddressField, Corrupt, type WrittenSection } from "./bytes.ts";
export { bareType, type CMember, type CType, typeText } from "./c-types.ts";
export { EXPECTATION_SECTION, LAYER_SECTION, NOTE_SECTION, TENSOR_SECTION } from "./constants.ts";
export {
  type CallSite,
  type CFunction,
  type CScope,
  type CVariable,
  type DebugInfo,
  readDebugInfo,
} from "./debug-info.ts";
export { CallFrames, type FrameRow, type RegisterRule } from "./dwarf-call-frames.ts";
export { type ExpressionContext, type Found, locate } from "./dwarf-expressions.ts";
export { writeDebug } from "./dwarf-line-writer.ts";
export { expressionAt, type VariableLocation } from "./dwarf-locations.ts";
export { type ExtraSection, type Image, writeImage } from "./image-writer.ts";
export { readFacts, writeExpectations, writeFacts, writeLayers, writeTensors } from "./metadata.ts";
export * from "./model.ts";
export { type ObjectResult, readObject } from "./object-reader.ts";
export { writeObject } from "./object-writer.ts";
export { readElf } from "./read.ts";
export { decodeUtf8 } from "./utf8.ts";
export { attributesSection, writeElf } from "./write.ts";
