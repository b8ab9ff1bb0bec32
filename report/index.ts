export { renderGithub } from "./github.js";
export { renderHtml } from "./html.js";
export { renderJson, renderJsonSchema } from "./json.js";
export { renderJunit } from "./junit.js";
export { runSummarySchema } from "./schema.js";
export { serveReport } from "./serve/serve-report.js";
export { renderText } from "./text.js";
export { writeReports } from "./write.js";
