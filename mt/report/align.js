// The page is complete without this: it adds stepping, filters, word links, and corrections that can be saved.
(() => {
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const by = (id) => document.getElementById(id);
  const body = document.body;
  const list = by("beads");
  const names = [body.dataset.src, body.dataset.tgt];
  const joiners = [body.dataset.srcJoiner, body.dataset.tgtJoiner];
  const run = (text) => text.split(" ").map(Number);
  const LEVELS = ["sure", "likely", "doubt", "weak", "none"];
  const value = (text) => (text === undefined || text === "" ? null : Number(text));

  const beads = all(".bead", list).map((row) => {
    const d = row.dataset;
    const looks = { level: LEVELS.find((name) => row.classList.contains(name)) || "", shown: row.querySelector(".value").textContent, said: d.said };
    return { s: run(d.s), t: run(d.t), v: value(d.v), p: value(d.p), score: value(d.score), man: "man" in d, looks, row };
  });
  const sentences = { s: all(".src .s", list), t: all(".tgt .s", list) };
  for (const side of ["s", "t"]) sentences[side].sort((a, b) => a.dataset.n - b.dataset.n);
  const shape = by("shape").content.firstElementChild;
  const SHAPES = JSON.parse(body.dataset.shapes);
  const say = (text) => { by("said").textContent = text; };

  // Rows
  const type = (bead) => `${Beads.size(bead.s)}–${Beads.size(bead.t)}`;
  const kind = (bead) => (!Beads.size(bead.t) ? "only-src" : !Beads.size(bead.s) ? "only-tgt" : "band");
  const told = (run) => (run[1] - run[0] === 1 ? `${run[1]}` : `${run[0] + 1} to ${run[1]}`);
  const label = (bead) => {
    const sides = [Beads.size(bead.s) ? `source ${told(bead.s)}` : "no source", Beads.size(bead.t) ? `target ${told(bead.t)}` : "no target"];
    return `${sides.join(", ")}: ${bead.man ? "right, says a person" : bead.looks?.said || "not measured"}`;
  };
  const draw = (bead) => {
    const row = shape.cloneNode(true);
    row.dataset.s = bead.s.join(" ");
    row.dataset.t = bead.t.join(" ");
    row.querySelector("path").setAttribute("d", SHAPES[kind(bead)]);
    for (const side of ["s", "t"]) {
      const cell = row.querySelector(side === "s" ? ".src" : ".tgt");
      for (let n = bead[side][0]; n < bead[side][1]; n++) cell.append(sentences[side][n]);
    }
    bead.row = row;
    row.bead = bead;
    row.classList.add(kind(bead), ...(bead.looks?.level ? [bead.looks.level] : []));
    row.querySelector(".value").textContent = bead.looks?.shown || "";
    dress(bead);
    return row;
  };
  const dress = (bead) => {
    const { row } = bead;
    row.classList.toggle("man", bead.man);
    row.setAttribute("aria-label", label(bead));
    row.querySelector(".type").textContent = type(bead) === "1–1" ? "" : type(bead);
    row.querySelector(".hand").textContent = bead.man ? "✓ right" : "";
  };
  beads.forEach((bead) => { bead.row.bead = bead; });

  // One bead is the current one: the only stop for the Tab key, and where the buttons are.
  let current = null;
  const panel = by("panel");
  const index = (bead) => beads.indexOf(bead);
  const shown = (bead) => !bead.row.hidden;
  const stop = (bead, focus = true) => {
    if (!bead) return;
    if (current) {
      current.row.tabIndex = -1;
      current.row.removeAttribute("aria-current");
    }
    current = bead;
    bead.row.tabIndex = 0;
    bead.row.setAttribute("aria-current", "true");
    bead.row.append(panel);
    panel.hidden = false;
    if (focus) {
      bead.row.focus({ preventScroll: true });
      bead.row.scrollIntoView({ block: "nearest" });
    }
    words.show(bead);
    strip.here();
  };
  const step = (by, wanted = shown) => {
    let i = current ? index(current) + by : 0;
    while (beads[i] && !(shown(beads[i]) && wanted(beads[i]))) i += by;
    if (beads[i]) stop(beads[i]);
    else say(by > 0 ? "No bead of that kind below." : "No bead of that kind above.");
  };

  // Changes
  const done = [];
  const undone = [];
  const change = (what) => {
    if (!what) return say("That cannot be done with this bead.");
    undone.length = 0;
    done.push(perform(what));
    keep();
  };
  const perform = (what, go = true) => {
    const old = beads.slice(what.at, what.at + what.remove);
    const place = old[0]?.row || beads[what.at]?.row || null;
    const parent = place ? place.parentNode : list.lastElementChild;
    panel.remove();
    const marker = document.createComment("");
    parent.insertBefore(marker, place);
    old.forEach((bead) => bead.row.remove());
    const back = Beads.apply(beads, what);
    for (const bead of what.add) marker.before(draw(bead));
    marker.remove();
    judge(what.add);
    parent.hidden = false;
    strip.draw();
    count();
    if (!go) return back;
    // where the filter hides what was changed, go on with what it shows
    const next = what.add.find(shown) || beads.slice(what.at).find(shown) || beads.slice(0, what.at).findLast(shown);
    if (next) stop(next);
    else panel.hidden = true;
    say(`${what.add.map(label).join("; ")}. Marked as right: ${mine().length}.`);
    return back;
  };
  const undo = (from, to, word) => {
    if (!from.length) return say(`Nothing to ${word}.`);
    to.push(perform(from.pop()));
    keep();
  };
  const mine = () => beads.filter((bead) => bead.man);
  const count = () => {
    by("mine").textContent = mine().length;
    for (const [id, stack] of [["undo", done], ["redo", undone]]) by(id).disabled = !stack.length;
  };

  // Kept in the browser, so that closing the window loses nothing; a file is the only thing that leaves it.
  const store = `kakehashi-align:${body.dataset.digest}`;
  const first = beads.map((bead) => ({ s: bead.s, t: bead.t, v: bead.v, p: bead.p, score: bead.score, man: bead.man, looks: bead.looks }));
  let saved = true;
  let soon = 0;
  const keep = () => {
    const none = !Beads.difference(first, beads);
    saved = none;
    count();
    clearTimeout(soon);
    soon = setTimeout(() => {
      try {
        if (none) localStorage.removeItem(store);
        else localStorage.setItem(store, Beads.packed(beads));
      } catch { /* private windows have no store */ }
    }, 200);
  };
  const restore = () => {
    let text = null;
    try { text = localStorage.getItem(store); } catch { /* as above */ }
    const old = text && Beads.unpacked(text, first);
    const what = old && Beads.difference(beads, old);
    if (!what) return;
    done.push(perform(what, false));
    saved = false;
    count();
    by("restored").hidden = false;
  };
  by("forget").addEventListener("click", () => {
    by("restored").hidden = true;
    const what = Beads.difference(beads, first);
    done.length = undone.length = 0;
    if (what) perform(what, false);
    keep();
  });
  addEventListener("beforeunload", (event) => { if (!saved) event.preventDefault(); });

  const plain = (side) => sentences[side].map((p) => p.querySelector(".t").textContent);
  const files = {
    jsonl: () => ["corrections.jsonl", Beads.jsonl(beads, [plain("s"), plain("t")], names, joiners)],
    vecalign: () => ["path", Beads.vecalign(beads, false)],
    mine: () => ["mine.path", Beads.vecalign(beads, true)],
  };
  const save = (format) => {
    const [end, text] = files[format]();
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    link.download = `${body.dataset.name}.${end}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    saved = true;
    by("export").open = false;
    say(`Saved ${link.download}.`);
  };

  // Filters
  const tools = by("tools");
  const slider = by("limit");
  const fold = (string) => string.normalize("NFKC").toLowerCase();
  const doubtful = (bead) => !bead.man && bead.v !== null && bead.v < slider.value / 100;
  const kinds = {
    all: () => true,
    doubtful,
    none: (bead) => kind(bead) !== "band",
    many: (bead) => kind(bead) === "band" && type(bead) !== "1–1",
    mine: (bead) => bead.man,
  };
  let whole = true;
  const judge = (some) => {
    const choice = tools.elements.show.value || "all";
    const wanted = fold(by("find").value).trim();
    whole = choice === "all" && !wanted;
    for (const bead of some) {
      const hide = !(kinds[choice](bead) && (!wanted || content(bead).includes(wanted)));
      if (bead.row.hidden !== hide) bead.row.hidden = hide;
    }
    by("doubts").textContent = beads.filter(doubtful).length;
    const visible = whole ? beads.length : beads.filter(shown).length;
    by("none").hidden = visible > 0 || !beads.length;
    by("found").textContent = whole ? "" : `${visible} of ${beads.length}`;
    by("limit-said").textContent = body.dataset.measure === "score" ? `lowest ${slider.value} %` : `< ${slider.value} %`;
  };
  const content = (bead) => {
    if (bead.text === undefined) bead.text = fold(all(".t", bead.row).map((t) => t.textContent).join("\n"));
    return bead.text;
  };
  const filter = () => {
    judge(beads);
    // what the browser takes for the height of the blocks it skips must follow what they show, or the page would jump
    for (const block of list.children) {
      const rows = whole ? block.childElementCount : block.querySelectorAll(".bead:not([hidden])").length;
      block.hidden = !rows;
      block.style.containIntrinsicSize = `auto ${rows * 78}px`;
    }
  };

  // The strip: the whole document in a few hundred bars; how high one is in orange and vermilion is the root of the share of its beads that are doubtful and weak.
  const strip = (() => {
    const svg = by("strip");
    const NS = "http://www.w3.org/2000/svg";
    const BARS = 300;
    const level = (bead) => (bead.man ? "man" : bead.looks?.level === "weak" || bead.looks?.level === "doubt" || kind(bead) === "band" ? bead.looks?.level || "none" : "nulls");
    const bar = (k, bars, name, share) => {
      const rect = document.createElementNS(NS, "rect");
      const height = Math.max(3, 18 * Math.sqrt(share));
      for (const [key, value] of Object.entries({ x: `${(100 * k) / bars}%`, width: `${100 / bars + 0.05}%`, y: 18 - height, height, class: name })) rect.setAttribute(key, value);
      return rect;
    };
    const make = () => {
      const bars = Math.min(BARS, beads.length);
      const rects = [];
      for (let k = 0; k < bars; k++) {
        const [from, to] = [Math.floor((k * beads.length) / bars), Math.floor(((k + 1) * beads.length) / bars)];
        const counts = {};
        for (const bead of beads.slice(from, to)) counts[level(bead)] = (counts[level(bead)] || 0) + 1;
        const most = Object.keys(counts).filter((name) => name !== "doubt" && name !== "weak").sort((a, b) => counts[b] - counts[a])[0];
        if (most) rects.push(bar(k, bars, most, 0.35));
        const [weak, doubt] = ["weak", "doubt"].map((name) => (counts[name] || 0) / (to - from));
        if (weak + doubt) rects.push(bar(k, bars, "doubt", weak + doubt));
        if (weak) rects.push(bar(k, bars, "weak", weak));
      }
      svg.querySelector("g").replaceChildren(...rects);
      here();
    };
    const here = () => {
      const top = Math.min(by("bar").getBoundingClientRect().bottom + 30, innerHeight - 10);
      const hit = document.elementFromPoint(Math.min(innerWidth / 2, 700), Math.max(top, 5));
      const bead = hit?.closest(".bead")?.bead || current;
      svg.querySelector(".here").setAttribute("x", `${bead ? (100 * index(bead)) / beads.length : 0}%`);
    };
    svg.addEventListener("click", (event) => {
      const box = svg.getBoundingClientRect();
      const at = Math.floor(((event.clientX - box.left) / box.width) * beads.length);
      let bead = beads[Math.max(0, Math.min(beads.length - 1, at))];
      while (bead && !shown(bead)) bead = beads[index(bead) + 1];
      if (bead) {
        stop(bead);
        bead.row.scrollIntoView({ block: "center" });
      }
    });
    let waiting = false;
    addEventListener("scroll", () => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(() => { waiting = false; here(); });
    }, { passive: true });
    return { draw: make, here };
  })();

  // Word links: painted over the text without touching it, where the browser can.
  const words = (() => {
    const holder = by("links");
    const able = holder && typeof Highlight === "function" && CSS.highlights;
    if (!able) return { show() {}, step() {} };
    const links = JSON.parse(holder.textContent);
    const of = { s: new Map(), t: new Map() };
    for (const link of links) {
      for (const [side, n] of [["s", link[0]], ["t", link[3]]]) of[side].set(n, [...(of[side].get(n) || []), link]);
    }
    const range = (side, n, a, b) => {
      const text = sentences[side][n]?.querySelector(".t").firstChild;
      if (!text || b > text.length) return null;
      const found = new Range();
      found.setStart(text, a);
      found.setEnd(text, b);
      return found;
    };
    const paint = (name, some) => {
      const ranges = some.flatMap(([i, a, b, j, c, d]) => [range("s", i, a, b), range("t", j, c, d)]).filter(Boolean);
      if (ranges.length) CSS.highlights.set(name, new Highlight(...ranges));
      else CSS.highlights.delete(name);
    };
    const inside = (bead) => {
      const found = [];
      for (let n = bead.s[0]; n < bead.s[1]; n++) found.push(...(of.s.get(n) || []).filter((link) => link[3] >= bead.t[0] && link[3] < bead.t[1]));
      return found;
    };
    let hovered = null;
    let at = -1;
    list.addEventListener("pointermove", (event) => {
      const text = event.target.closest(".t");
      const bead = event.target.closest(".bead")?.bead;
      if (bead && bead !== hovered) show(bead);
      if (!text) return;
      let offset = null;
      if (document.caretPositionFromPoint) offset = document.caretPositionFromPoint(event.clientX, event.clientY)?.offset;
      else if (document.caretRangeFromPoint) offset = document.caretRangeFromPoint(event.clientX, event.clientY)?.startOffset;
      if (offset === null || offset === undefined) return;
      const sentence = text.closest(".s");
      const side = sentence.closest(".src") ? "s" : "t";
      const k = side === "s" ? 1 : 4;
      // a caret stands between two characters: the one behind it, or at the end of a word the one before
      const hit = (o) => (of[side].get(Number(sentence.dataset.n)) || []).filter((link) => link[k] <= o && o < link[k + 1]);
      const found = hit(offset).length ? hit(offset) : hit(offset - 1);
      paint("word", found);
    });
    list.addEventListener("pointerleave", () => { paint("word", []); });
    const show = (bead) => {
      hovered = bead;
      at = -1;
      paint("linked", inside(bead));
      paint("word", []);
    };
    const step = (by) => {
      const found = current ? inside(current) : [];
      if (!found.length) return say("This bead has no word links.");
      at = (at + by + found.length) % found.length;
      paint("word", [found[at]]);
      const [i, a, b, j, c, d] = found[at];
      say(`${range("s", i, a, b)} – ${range("t", j, c, d)}`);
    };
    return { show, step };
  })();

  // What can be done: one name for the key and the button.
  const here = () => index(current);
  const edit = (make) => () => (current ? change(make(beads, here())) : say("No bead is chosen."));
  const actions = {
    right: edit(Beads.mark),
    merge: edit(Beads.merge),
    split: edit(Beads.split),
    unlink: edit(Beads.unlink),
    "src-up": edit((b, i) => Beads.give(b, i, "s")),
    "src-down": edit((b, i) => Beads.take(b, i, "s")),
    "tgt-up": edit((b, i) => Beads.give(b, i, "t")),
    "tgt-down": edit((b, i) => Beads.take(b, i, "t")),
    undo: () => undo(done, undone, "undo"),
    redo: () => undo(undone, done, "redo"),
    next: () => step(1),
    previous: () => step(-1),
    "next-doubt": () => step(1, doubtful),
    "previous-doubt": () => step(-1, doubtful),
    word: () => words.step(1),
    "word-back": () => words.step(-1),
    first: () => stop(beads.find(shown)),
    last: () => stop(beads.findLast(shown)),
    only: () => {
      tools.elements.show.value = tools.elements.show.value === "doubtful" ? "all" : "doubtful";
      filter();
    },
    find: () => by("find").focus(),
    help: () => (by("help").open ? by("help").close() : by("help").showModal()),
    export: () => {
      by("export").open = true;
      by("export").querySelector("button").focus();
    },
  };
  const keys = {
    j: "next", ArrowDown: "next", k: "previous", ArrowUp: "previous", n: "next-doubt", N: "previous-doubt", Home: "first", End: "last",
    x: "right", " ": "right", m: "merge", s: "split", u: "unlink", r: "src-up", f: "src-down", t: "tgt-up", g: "tgt-down",
    z: "undo", y: "redo", w: "word", W: "word-back", o: "only", "/": "find", "?": "help", e: "export",
  };
  addEventListener("keydown", (event) => {
    if (event.altKey || event.isComposing) return;
    const field = event.target.closest("input:not([type=radio]), textarea, select");
    if (event.key === "Escape" && field) { field.blur(); return; }
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() !== "z" || field) return;
      event.preventDefault();
      actions[event.shiftKey ? "redo" : "undo"]();
      return;
    }
    if (field || (by("help").open && event.key !== "?")) return;
    if (event.target.closest("button, summary, a, input") && (event.key === " " || event.key.startsWith("Arrow"))) return;
    const name = keys[event.key];
    if (!name) return;
    event.preventDefault();
    actions[name]();
  });
  addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) return actions[button.dataset.do]();
    const format = event.target.closest("[data-save]");
    if (format) return save(format.dataset.save);
    if (!event.target.closest("#export")) by("export").open = false;
    const row = event.target.closest(".bead");
    if (row && !String(getSelection())) stop(row.bead, row.bead !== current);
    return undefined;
  });
  list.addEventListener("focusin", (event) => {
    const row = event.target.closest(".bead");
    if (row && row.bead !== current) stop(row.bead, false);
  });

  tools.reset();
  tools.addEventListener("input", filter);
  tools.addEventListener("submit", (event) => event.preventDefault());
  all(".needs-script").forEach((element) => { element.removeAttribute("hidden"); }); // an SVG has no property for it
  if (!beads.some((bead) => bead.v !== null)) all(".needs-measure").forEach((element) => { element.hidden = true; });
  filter();
  strip.draw();
  count();
  restore();
  if (beads.length) beads[0].row.tabIndex = 0;
})();
