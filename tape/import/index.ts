export { type ImportOptions, type ImportProgress, type ImportSummary, importFiles } from "./import-files.js";
export { type ImportNote, importNotes } from "./imported.js";
export { type ImportFormat, importFormats } from "./source.js";
