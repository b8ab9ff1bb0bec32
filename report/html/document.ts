import { createHash } from "node:crypto";
import { shortened } from "../visible.js";
import { escapeHtml, type Html } from "./escape.js";
import { pageScript } from "./script.js";
import { pageStyle } from "./style.js";

/**
 * A whole document around a page. Its policy lets run only the script and style that we wrote, by hash, and forbids every
 * fetch. `style`: what the page has beside the style of every report.
 */
export function documentAround(
  page: Html,
  options: { title: string; icon: string; forms?: "self"; style?: string },
): string {
  const style = pageStyle + (options.style ?? "");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy(options.forms, style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="tapeloop">
<title>${escapeHtml(shortened(options.title, 120))}</title>
<link rel="icon" href="${options.icon}">
<style>${style}</style>
</head>
<body>
${page.markup}
<script>${pageScript}</script>
</body>
</html>
`;
}

/** Content-Security-Policy (level 3) of every page of ours. `forms`: whether a form may ask the page's own origin. */
export function contentPolicy(forms?: "self", style = pageStyle): string {
  return [
    "default-src 'none'",
    `script-src '${hashOf(pageScript)}'`,
    `style-src '${hashOf(style)}'`,
    "img-src data:",
    "base-uri 'none'",
    `form-action ${forms === "self" ? "'self'" : "'none'"}`,
  ].join("; ");
}

function hashOf(source: string): string {
  return `sha256-${createHash("sha256").update(source).digest("base64")}`;
}
