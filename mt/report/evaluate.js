// All segments: search, order, two systems side by side, words that differ. Without it the page still shows the chosen examples.
"use strict";
(() => {
  const PAGE = 20; // segments shown at a time
  const LONG = 600; // words from which two texts are not compared: time grows with the product of their lengths
  const holder = document.getElementById("segments");
  const tools = document.getElementById("tools");
  if (!holder || !tools) return;
  const data = JSON.parse(holder.textContent);
  const get = (id) => document.getElementById(id);
  const [one, two, order, against, find, found, results, none, more] =
    ["one", "two", "order", "against", "find", "found", "results", "none", "more"].map(get);
  const langs = { src: (document.querySelector(".said") || {}).lang || "ja", tgt: "en" };
  const sample = document.querySelector(".hyp-text");
  if (sample) langs.tgt = sample.lang;
  const count = data.ref.length;
  // A page of a large test set holds a part of its segments: `number` says which, from 1.
  const number = (n) => (data.number.length ? data.number[n] : n + 1);
  const place = (asked) => (data.number.length ? data.number.indexOf(asked) : asked - 1);
  const all = (shown) => (data.number.length ? `${shown} held, of ${data.total.toLocaleString("en")}` : shown);
  const fold = (text) => text.normalize("NFKC").toLowerCase();

  for (const [select, chosen] of [[one, data.pair[0]], [two, data.pair[1]]]) {
    data.systems.forEach((name, n) => {
      const option = document.createElement("option");
      option.value = String(n);
      option.textContent = name;
      option.defaultSelected = n === chosen;
      select.append(option);
    });
  }
  if (data.systems.length < 2) [two, against].forEach((select) => { select.parentElement.hidden = true; });

  // Words as mt/report/diffs.py cuts them: Japanese goes character by character.
  const WORD = /[^\s\p{P}\p{S}぀-ヿ㐀-鿿]+(?:['’.,-][^\s\p{P}\p{S}぀-ヿ㐀-鿿]+)*|\s+|./gsu;
  const words = (text) => text.match(WORD) || [];
  // For each word of `a`: whether a longest common subsequence with `b` holds it.
  const shared = (a, b) => {
    const width = b.length + 1;
    const table = new Uint16Array((a.length + 1) * width);
    for (let i = a.length - 1; i >= 0; i -= 1) {
      for (let j = b.length - 1; j >= 0; j -= 1) {
        table[i * width + j] = a[i] === b[j]
          ? table[(i + 1) * width + j + 1] + 1
          : Math.max(table[(i + 1) * width + j], table[i * width + j + 1]);
      }
    }
    const kept = new Array(a.length).fill(false);
    for (let i = 0, j = 0; i < a.length && j < b.length;) {
      if (a[i] === b[j]) { kept[i] = true; i += 1; j += 1; }
      else if (table[(i + 1) * width + j] >= table[i * width + j + 1]) i += 1;
      else j += 1;
    }
    return kept;
  };
  const element = (name, kind, text) => {
    const made = document.createElement(name);
    if (kind) made.className = kind;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const compared = (text, other) => {
    const cell = element("span", "said hyp-text");
    const [a, b] = [words(text), words(other)];
    if (a.length > LONG || b.length > LONG) { cell.textContent = text; return cell; }
    const kept = shared(a, b);
    for (let i = 0; i < a.length;) {
      let j = i;
      while (j < a.length && kept[j] === kept[i]) j += 1;
      const run = a.slice(i, j).join("");
      cell.append(kept[i] || !run.trim() ? run : element("mark", "", run));
      i = j;
    }
    return cell;
  };
  const flags = (system, n) => (data.flag.length ? data.flag[system][n] : "");
  const line = (who, cell, lang, score) => {
    const row = element("p", "line");
    const name = element("span", "who", who);
    if (score !== undefined) name.append(" ", element("i", "", score.toFixed(1)));
    cell.lang = lang;
    cell.dir = "auto";
    row.append(name, cell);
    return row;
  };
  const item = (n) => {
    const made = element("li", "ex");
    made.id = `seg-${number(n)}`;
    made.tabIndex = -1;
    const head = element("p", "ex-head");
    const link = element("a", "where", `Segment ${number(n)}`);
    link.href = `#seg-${number(n)}`;
    head.append(link);
    if (data.documents.length) head.append(element("span", "doc", data.documents[n]));
    made.append(head);
    if (data.src.length) made.append(line("source", element("span", "said", data.src[n]), langs.src));
    made.append(line("reference", element("span", "said", data.ref[n]), langs.tgt));
    const pair = [...new Set([Number(one.value), Number(two.value)])];
    pair.forEach((system, k) => {
      const other = against.value === "each" && pair.length > 1 ? data.hyp[pair[1 - k]][n] : data.ref[n];
      made.append(line(data.systems[system], compared(data.hyp[system][n], other), langs.tgt, data.score[system][n]));
      const said = flags(system, n);
      if (said) {
        const badges = element("span", "badges");
        said.split("\n").forEach((flag) => badges.append(element("span", "badge bad", flag), " "));
        made.append(line("", badges, "en"));
      }
    });
    return made;
  };

  let texts = null; // folded at the first search
  const folded = (n) => {
    if (!texts) texts = new Array(count);
    texts[n] ??= { fixed: fold(`${data.src[n] || ""}\n${data.ref[n]}\n${data.documents[n] || ""}`), hyp: [] };
    const pick = new Set([Number(one.value), Number(two.value)]);
    return texts[n].fixed + [...pick].map((s) => (texts[n].hyp[s] ??= fold(`${data.hyp[s][n]}\n${flags(s, n)}`))).join("\n");
  };
  const random = () => { // mulberry32: the same order for the same seed in every browser
    let state = data.seed >>> 0;
    return () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
  };
  const sorted = (numbers) => {
    const [a, b] = [data.score[Number(one.value)], data.score[Number(two.value)]];
    if (order.value === "random") {
      const draw = random();
      const keys = Array.from({ length: count }, draw);
      return numbers.sort((x, y) => keys[x] - keys[y]);
    }
    const key = {
      worst: (n) => a[n], gain: (n) => b[n] - a[n], loss: (n) => a[n] - b[n], number: (n) => n,
    }[order.value];
    return numbers.sort((x, y) => key(x) - key(y) || x - y);
  };
  let list = [];
  let shown = 0;
  const extend = () => {
    results.append(...list.slice(shown, shown + PAGE).map(item));
    shown = Math.min(shown + PAGE, list.length);
    more.hidden = shown >= list.length;
    more.textContent = `Show more (${list.length - shown} left)`;
  };
  const apply = () => {
    const asked = fold(find.value).trim();
    list = [];
    for (let n = 0; n < count; n += 1) if (!asked || folded(n).includes(asked)) list.push(n);
    list = sorted(list);
    shown = 0;
    results.replaceChildren();
    results.hidden = false;
    none.textContent = "No segment matches.";
    none.hidden = list.length > 0;
    found.textContent = all(`${list.length} of ${count}`);
    extend();
  };
  tools.hidden = false;
  tools.reset();
  found.textContent = all(`${count.toLocaleString("en")} segments`);
  tools.addEventListener("input", apply);
  tools.addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", extend);

  // A link to a segment shows it in its place in the text, with what stands around it.
  const reveal = () => {
    const match = /^#seg-(\d+)$/.exec(location.hash);
    const asked = match ? Number(match[1]) : 0;
    if (asked < 1 || asked > data.total) return;
    const n = place(asked);
    if (n < 0 || n >= count) {
      none.textContent = `Segment ${asked} is not on this page: it is line ${asked} of segments.jsonl.`;
      none.hidden = false;
      none.scrollIntoView({ block: "center" });
      return;
    }
    none.hidden = true;
    if (!get(`seg-${asked}`)) {
      find.value = "";
      order.value = "number";
      apply();
      list = list.slice(Math.max(0, n - 2));
      shown = 0;
      results.replaceChildren();
      extend();
    }
    const target = get(`seg-${asked}`);
    document.querySelectorAll(".ex.lit").forEach((lit) => lit.classList.remove("lit"));
    target.classList.add("lit");
    target.scrollIntoView();
    target.focus({ preventScroll: true });
  };
  addEventListener("hashchange", reveal);
  reveal();
  addEventListener("beforeprint", () => {
    document.querySelectorAll("details:not([open])").forEach((one) => { one.open = true; });
  });
})();
