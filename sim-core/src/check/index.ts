export { CHECK_TEXT, type CheckOptions, Checks, type ChecksState, DEFAULT_CHECKS } from "./checks.ts";
export { CHECK_IDS, type CheckId, type Finding } from "./finding.ts";
