/** The manual of diagnostics: a page for every id. */
export { DIAGNOSTIC_PAGES, type DiagnosticPage, pageText } from "./page.ts";
