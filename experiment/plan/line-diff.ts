interface Line {
  mark: " " | "-" | "+";
  text: string;
}

/**
 * What becomes of a text, line by line, as unified diffs show it; empty when nothing does. For texts of some hundred lines.
 *
 * @param around so many lines beside a change are shown
 */
export function lineDiff(before: string, after: string, around = 3): string[] {
  const lines = marked(linesOf(before), linesOf(after));
  const near = lines.map((_, at) =>
    lines.slice(Math.max(0, at - around), at + around + 1).some(({ mark }) => mark !== " "),
  );
  return lines.flatMap(({ mark, text }, at) => {
    if (near[at]) return [`${mark} ${text}`.trimEnd()];
    return near[at - 1] === true ? ["  …"] : [];
  });
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/** By the longest common subsequence of lines. */
function marked(before: readonly string[], after: readonly string[]): Line[] {
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  for (let one = before.length - 1; one >= 0; one--) {
    for (let other = after.length - 1; other >= 0; other--) {
      common[one * width + other] =
        before[one] === after[other]
          ? common[(one + 1) * width + other + 1]! + 1
          : Math.max(common[(one + 1) * width + other]!, common[one * width + other + 1]!);
    }
  }
  const lines: Line[] = [];
  let [one, other] = [0, 0];
  while (one < before.length || other < after.length) {
    if (one < before.length && before[one] === after[other]) {
      lines.push({ mark: " ", text: before[one++]! });
      other++;
    } else if (
      other === after.length ||
      (one < before.length && common[(one + 1) * width + other]! >= common[one * width + other + 1]!)
    ) {
      lines.push({ mark: "-", text: before[one++]! });
    } else lines.push({ mark: "+", text: after[other++]! });
  }
  return lines;
}
