// The page is complete without this: it adds filtering, copying, arrow keys and a highlight that stays after a tap.
"use strict";
(() => {
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const paragraphs = all("article.para");
  const pairs = all("li.pair");

  // Pairs: one stop for the Tab key; arrows, Home and End go from sentence to sentence.
  const visible = () => pairs.filter((pair) => !pair.closest("article").hidden);
  let current = pairs[0];
  const stopAt = (pair) => {
    if (current) current.tabIndex = -1;
    current = pair;
    pair.tabIndex = 0;
    // Read aloud in full, source first, when a screen reader comes to it.
    const sides = [pair.querySelector(".src"), pair.querySelector(".hyp")];
    sides.forEach((side, n) => { side.id = `${pair.id}-${n}`; });
    pair.setAttribute("aria-describedby", sides.map((side) => side.id).join(" "));
  };
  pairs.forEach((pair, n) => { pair.tabIndex = n ? -1 : 0; });
  const text = document.getElementById("text");
  text.addEventListener("focusin", (event) => {
    const pair = event.target.closest("li.pair");
    if (pair) stopAt(pair);
  });
  text.addEventListener("keydown", (event) => {
    if (!event.target.matches("li.pair") || event.altKey || event.ctrlKey || event.metaKey) return;
    const shown = visible();
    const here = shown.indexOf(event.target);
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: shown.length - 1 }[event.key];
    if (to === undefined || !shown[to]) return;
    event.preventDefault();
    shown[to].focus();
  });

  // A tap lights a pair until the next one; marking text to copy it is no tap.
  text.addEventListener("click", (event) => {
    const pair = event.target.closest("li.pair");
    if (!pair || event.target.closest("a") || String(getSelection())) return;
    const was = pair.classList.contains("lit");
    all(".lit", text).forEach((lit) => lit.classList.remove("lit"));
    pair.classList.toggle("lit", !was);
  });

  // Filter and search
  const tools = document.getElementById("tools");
  const find = document.getElementById("find");
  const found = document.getElementById("found");
  const none = document.getElementById("none");
  const fold = (string) => string.normalize("NFKC").toLowerCase();
  let texts = null; // made at the first search: a long document takes a moment
  const content = (paragraph) => fold(all(".src, .hyp, .ref p", paragraph).map((cell) => cell.textContent).join("\n"));
  const apply = () => {
    const show = tools.elements.show.value || "all";
    const words = fold(find.value).trim();
    if (words && !texts) texts = new Map(paragraphs.map((paragraph) => [paragraph, content(paragraph)]));
    let count = 0;
    for (const paragraph of paragraphs) {
      const keep = (show === "all" || show in paragraph.dataset) && (!words || texts.get(paragraph).includes(words));
      paragraph.hidden = !keep;
      count += keep;
    }
    none.hidden = count > 0;
    found.textContent = show === "all" && !words ? "" : `${count} of ${paragraphs.length}`;
  };
  tools.hidden = false;
  tools.reset();
  tools.addEventListener("input", apply);
  tools.addEventListener("submit", (event) => event.preventDefault());

  // A link to something that the filter hides shows everything again.
  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    const paragraph = target && target.closest("article.para");
    if (!paragraph) return;
    if (paragraph.hidden) {
      tools.reset();
      apply();
      target.scrollIntoView();
    }
    if (target.matches("li.pair")) stopAt(target);
  };
  addEventListener("hashchange", reveal);
  reveal();

  // A button to copy each signature; where copying is forbidden it marks the text instead.
  for (const code of all(".signature code")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", "Copy signature");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code);
        button.textContent = "Marked";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    code.after(button);
  }
})();
