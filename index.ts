/** What programs may import from tapeloop: tapes, runs, and the halves that write and replay them. */
export * from "./message/index.js";
export { type RecorderOptions, type RunningRecorder, startRecorder } from "./recorder/index.js";
export { type ReplayOptions, replay } from "./replayer/index.js";
export { renderHtml, renderJson, renderJunit, renderText, writeReports } from "./report/index.js";
export * from "./tape/index.js";
