import type { RunSummary, TimelineBucket } from "../../tape/index.js";
import { countInWords, durationInWords } from "../numbers.js";
import { type Html, html } from "./escape.js";

/** What was sent over the run, with the divergent and the failed marked. */
export function timelineSection({ timeline }: RunSummary): Html | undefined {
  if (timeline.length === 0) return undefined;
  const endMs = Math.max(1, ...timeline.map(({ toMs }) => toMs));
  const most = Math.max(1, ...timeline.map(({ sent }) => sent));
  const total = (name: "sent" | "divergent" | "failed") => timeline.reduce((sum, bucket) => sum + bucket[name], 0);
  const label = `${countInWords(total("sent"))} sent over ${durationInWords(endMs)}, ${countInWords(total("divergent"))} with a difference, ${countInWords(total("failed"))} failed`;
  return html`<section id="timeline"><h2>Timeline</h2>
<ul class="legend"><li class="alike"><i class="swatch"></i>sent, as expected</li><li class="divergent"><i class="swatch"></i>with a difference, noise included</li><li class="failed"><i class="swatch"></i>failed</li></ul>
<div class="chart timeline"><div class="lane"><span class="name"><b>${countInWords(most)}</b><span>at most per bar</span></span><svg class="bars" role="img" aria-label="${label}">${timeline.map((bucket) => barsOf(bucket, endMs, most))}</svg></div>
<div class="axis"><span></span><svg class="ticks" aria-hidden="true">${[0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      html`<text x="${share * 100}%" y="14" text-anchor="${share === 0 ? "start" : share === 1 ? "end" : "middle"}">${durationInWords(endMs * share)}</text>`,
  )}</svg></div></div></section>`;
}

function barsOf(bucket: TimelineBucket, endMs: number, most: number): Html | undefined {
  if (bucket.sent === 0 && bucket.failed === 0) return undefined;
  const failed = Math.min(bucket.failed, bucket.sent);
  const divergent = Math.min(bucket.divergent, bucket.sent - failed);
  const parts = [
    ["failed", failed],
    ["divergent", divergent],
    ["alike", bucket.sent - failed - divergent],
  ] as const;
  const x = ((bucket.fromMs / endMs) * 100).toFixed(3);
  const width = (((bucket.toMs - bucket.fromMs) / endMs) * 100).toFixed(3);
  let below = 0;
  const rects = parts.map(([name, count]) => {
    if (count === 0) return undefined;
    // Something rare must not vanish: a bar has at least two hundredths of the height.
    const height = Math.max(2, (count / most) * 96);
    below += height;
    return html`<rect class="${name}" x="${x}%" width="${width}%" y="${(100 - below).toFixed(2)}%" height="${height.toFixed(2)}%"/>`;
  });
  const title = `${durationInWords(bucket.fromMs)} to ${durationInWords(bucket.toMs)}: ${countInWords(bucket.sent)} sent, ${countInWords(bucket.divergent)} with a difference, ${countInWords(bucket.failed)} failed`;
  return html`<g><title>${title}</title>${rects}</g>`;
}
