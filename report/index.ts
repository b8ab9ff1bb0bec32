export { withChaos } from "./chaos/with-chaos.js";
export { renderExperimentHtml } from "./experiment/html.js";
export type {
  ExperimentChange,
  ExperimentReplay,
  ExperimentSummary,
  ExperimentThreshold,
} from "./experiment/summary.js";
export { renderExperimentText } from "./experiment/text.js";
export { renderGithub } from "./github.js";
export { renderHtml } from "./html.js";
export { renderJson, renderJsonSchema } from "./json.js";
export { renderJunit } from "./junit.js";
export { runSummarySchema } from "./schema.js";
export { serveReport } from "./serve/serve-report.js";
export { renderText } from "./text.js";
export { writeReports } from "./write.js";
