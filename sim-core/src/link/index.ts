export { type ArchiveMember, type ArchiveResult, isArchive, readArchive } from "./archive.ts";
export { LINK_DIAGNOSTICS, LINK_WARNING_IDS, type LinkDiagnosticId } from "./catalogue.ts";
export type { LinkArchive, LinkInput } from "./collect.ts";
export type { LinkObject, SourceStatement } from "./input.ts";
export { type LinkedSection, type LinkOptions, type LinkResult, link } from "./link.ts";
