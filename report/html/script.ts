/**
 * What the page does beyond HTML: filter, expand all, open the group in the address, copy. Everything is readable
 * without it. Plain JavaScript of browsers, kept as text; its hash is in the page's security policy.
 */
export const pageScript = `"use strict";
(() => {
  const groups = [...document.querySelectorAll("details.group")].map((group) => ({
    group,
    text: group.querySelector("summary").textContent.replace(/\\s+/g, " ").toLowerCase(),
  }));
  const box = document.getElementById("filter");
  const count = document.getElementById("filter-count");
  const noise = document.querySelector("#noise > details");
  const shown = () => groups.filter(({ group }) => !group.hidden);
  if (box) {
    box.closest(".filter").hidden = false;
    const filter = () => {
      const words = box.value.toLowerCase().split(/\\s+/).filter(Boolean);
      for (const { group, text } of groups) group.hidden = !words.every((word) => text.includes(word));
      const left = shown().length;
      count.textContent = words.length === 0 ? groups.length + " groups" : left + " of " + groups.length + " groups";
      if (noise && words.length > 0) noise.open = shown().some(({ group }) => noise.contains(group));
    };
    box.addEventListener("input", filter);
    const all = document.getElementById("toggle-all");
    all.addEventListener("click", () => {
      const open = all.textContent === "Expand all";
      for (const { group } of shown()) group.open = open;
      all.textContent = open ? "Collapse all" : "Expand all";
    });
  }
  const openTarget = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (!target || !target.matches("details.group")) return;
    if (noise && noise.contains(target)) noise.open = true;
    target.open = true;
    target.scrollIntoView({ block: "start" });
  };
  addEventListener("hashchange", openTarget);
  openTarget();
  const select = (element) => getSelection().selectAllChildren(element);
  document.addEventListener("click", async (event) => {
    const button = event.target.closest && event.target.closest("button[data-copy]");
    if (!button) return;
    const line = button.parentElement.querySelector("code");
    try {
      await navigator.clipboard.writeText(line.textContent);
      button.textContent = "Copied";
    } catch {
      select(line);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
})();
`;
