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
  const unfiltered = count ? count.textContent : "";
  const folds = [...document.querySelectorAll(".folded > details")];
  const foldOf = (group) => folds.find((fold) => fold.contains(group));
  const shown = () => groups.filter(({ group }) => !group.hidden);
  const more = document.getElementById("show-more");
  // A list of hundreds is read from the top: the rest comes when asked for, or when it matches the filter.
  let most = 50;
  const filter = () => {
    // Words in any order; what stands in quotes is one.
    const words = box ? [...box.value.toLowerCase().matchAll(/"([^"]+)"?|\\S+/g)].map(([word, quoted]) => quoted || word) : [];
    let counted = 0, left = 0;
    for (const { group, text } of groups) {
      const matches = words.every((word) => text.includes(word));
      if (matches) counted++;
      group.hidden = !matches || (!foldOf(group) && ++left > most);
    }
    for (const button of document.querySelectorAll("button[data-filter]"))
      button.setAttribute("aria-pressed", String(box.value === button.dataset.filter));
    if (count) count.textContent = words.length === 0 ? unfiltered : counted + " of " + groups.length + " groups";
    if (words.length > 0) for (const fold of folds) fold.open = shown().some(({ group }) => fold.contains(group));
    if (!more) return;
    more.hidden = left <= most;
    more.firstElementChild.textContent = "Show all " + left;
  };
  const showAll = () => { most = Infinity; filter(); };
  if (more) more.firstElementChild.addEventListener("click", showAll);
  if (box) {
    box.closest(".filter").hidden = false;
    box.addEventListener("input", filter);
    const all = document.getElementById("toggle-all");
    all.addEventListener("click", () => {
      const open = all.textContent === "Expand all";
      for (const { group } of shown()) group.open = open;
      all.textContent = open ? "Collapse all" : "Expand all";
    });
    for (const button of document.querySelectorAll("button[data-filter]")) {
      button.addEventListener("click", () => {
        box.value = box.value === button.dataset.filter ? "" : button.dataset.filter;
        filter();
      });
    }
  }
  filter();
  const openTarget = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (!target || !target.matches("details.group")) return;
    const fold = foldOf(target);
    if (fold) fold.open = true;
    if (target.hidden) {
      if (box) box.value = "";
      showAll();
    }
    target.open = true;
    target.scrollIntoView({ block: "start" });
  };
  // Paper unfolds nothing: what fails the run is printed with its evidence, all of it.
  let folded = [];
  addEventListener("beforeprint", () => {
    const before = most;
    showAll();
    folded = groups.filter(({ group }) => !foldOf(group) && !group.hidden && !group.open).map(({ group }) => group);
    for (const group of folded) group.open = true;
    addEventListener("afterprint", () => {
      for (const group of folded) group.open = false;
      most = before;
      filter();
    }, { once: true });
  });
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
