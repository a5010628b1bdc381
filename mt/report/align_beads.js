// Beads as values and what a person can do with them; no page needed, so that it can be tested alone.
// A bead: {s: [from, to], t: [from, to], v, p, score, man}: half-open runs of sentence numbers, 0-based; v orders doubt from 0 to 1 or is null.
// Every change is {at, remove, add}: so many beads from `at` on give way to others. null = it cannot be done there.
"use strict";
const Beads = (() => {
  const size = (run) => run[1] - run[0];
  const made = (s, t) => ({ s, t, v: null, p: null, score: null, man: true });
  const empty = (bead) => !size(bead.s) && !size(bead.t);
  const one = (run, k) => [run[0] + k, run[0] + k + 1];
  const rest = (run, k) => [Math.min(run[0] + k, run[1]), run[1]];

  const merge = (beads, i) => {
    if (i + 1 >= beads.length) return null;
    const [a, b] = [beads[i], beads[i + 1]];
    return { at: i, remove: 2, add: [made([a.s[0], b.s[1]], [a.t[0], b.t[1]])] };
  };

  // One to one as far as it goes, the last pair with what is over; with one sentence on a side, what is over stands alone.
  const split = (beads, i) => {
    const { s, t } = beads[i];
    const [n, m] = [size(s), size(t)];
    const few = Math.min(n, m);
    const add = [];
    if (few >= 2) {
      for (let k = 0; k < few - 1; k++) add.push(made(one(s, k), one(t, k)));
      add.push(made(rest(s, few - 1), rest(t, few - 1)));
    } else {
      if (Math.max(n, m) < 2) return null;
      if (few) add.push(made(one(s, 0), one(t, 0)));
      for (let k = few; k < n; k++) add.push(made(one(s, k), [t[1], t[1]]));
      for (let k = few; k < m; k++) add.push(made([s[1], s[1]], one(t, k)));
    }
    return { at: i, remove: 1, add };
  };

  const unlink = (beads, i) => {
    const { s, t } = beads[i];
    if (!size(s) || !size(t)) return null;
    return { at: i, remove: 1, add: [made(s, [t[0], t[0]]), made([s[1], s[1]], t)] };
  };

  // Move the lower border of a bead on one side ("s" or "t"): down takes the next sentence, up gives the last one to the next bead.
  const take = (beads, i, side) => {
    let j = i + 1;
    while (j < beads.length && !size(beads[j][side])) j++;
    if (j >= beads.length) return null;
    const add = beads.slice(i, j + 1).map((bead) => ({ ...bead, s: [...bead.s], t: [...bead.t] }));
    const line = add[add.length - 1][side][0] + 1;
    add[0][side][1] = line;
    for (const bead of add.slice(1, -1)) bead[side] = [line, line];
    add[add.length - 1][side][0] = line;
    return { at: i, remove: add.length, add: changed(beads, i, add) };
  };
  const give = (beads, i, side) => {
    if (!size(beads[i][side])) return null;
    const other = side === "s" ? "t" : "s";
    const add = beads.slice(i, i + 2).map((bead) => ({ ...bead, s: [...bead.s], t: [...bead.t] }));
    const remove = add.length;
    const line = add[0][side][1] - 1;
    if (add.length < 2) {
      if (size(add[0][side]) === 1 && !size(add[0][other])) return null;
      add.push({ ...made([0, 0], [0, 0]), [side]: [line + 1, line + 1], [other]: [add[0][other][1], add[0][other][1]] });
    }
    add[0][side][1] = line;
    add[1][side][0] = line;
    return { at: i, remove, add: changed(beads, i, add) };
  };
  // What a person moved sentences into or out of is hers; beads left without any sentence are gone; what only stood between stays as it was.
  const changed = (beads, i, add) =>
    add
      .map((bead, k) => {
        const old = beads[i + k];
        return old && size(old.s) === size(bead.s) && size(old.t) === size(bead.t) ? bead : made(bead.s, bead.t);
      })
      .filter((bead) => !empty(bead));

  const mark = (beads, i) => ({ at: i, remove: 1, add: [{ ...beads[i], man: !beads[i].man }] });

  const apply = (beads, change) => {
    const old = beads.splice(change.at, change.remove, ...change.add);
    return { at: change.at, remove: change.add.length, add: old };
  };

  const ids = (run) => Array.from({ length: size(run) }, (_, k) => run[0] + k);
  const list = (run) => `[${ids(run).join(", ")}]`;
  const vecalign = (beads, mine) =>
    beads.filter((bead) => !mine || bead.man).map((bead) => `${list(bead.s)}:${list(bead.t)}\n`).join("");
  const jsonl = (beads, sides, names, joiners) =>
    beads
      .map((bead, k) => {
        const [src, tgt] = [ids(bead.s).map((n) => sides[0][n]), ids(bead.t).map((n) => sides[1][n])];
        const record = {
          id: `${names[0]}:${names[1]}:${k}`,
          src: src.join(joiners[0]),
          tgt: tgt.join(joiners[1]),
          src_ids: ids(bead.s),
          tgt_ids: ids(bead.t),
          src_sentences: src,
          tgt_sentences: tgt,
          score: bead.score,
          probability: bead.p,
          status: bead.man ? "man" : "auto",
          src_doc: names[0],
          tgt_doc: names[1],
        };
        return JSON.stringify(record).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029") + "\n";
      })
      .join("");

  // What differs between two lists of beads, as one change.
  const difference = (from, to) => {
    const same = (a, b) => a.s[0] === b.s[0] && a.s[1] === b.s[1] && a.t[0] === b.t[0] && a.t[1] === b.t[1] && a.man === b.man;
    let at = 0;
    while (at < from.length && at < to.length && same(from[at], to[at])) at++;
    let end = 0;
    while (end < from.length - at && end < to.length - at && same(from[from.length - 1 - end], to[to.length - 1 - end])) end++;
    const add = to.slice(at, to.length - end);
    return from.length - at - end || add.length ? { at, remove: from.length - at - end, add } : null;
  };

  // All beads in a few characters each, and back; what was measured of a bead that stands as it stood is taken from `from`.
  const packed = (beads) => beads.map((bead) => `${size(bead.s)},${size(bead.t)}${bead.man ? "m" : ""}`).join(" ");
  const unpacked = (text, from) => {
    const key = (bead) => [...bead.s, ...bead.t].join();
    const known = new Map(from.map((bead) => [key(bead), bead]));
    const end = [0, 0];
    const beads = text.split(" ").filter(Boolean).map((word) => {
      const [n, m] = word.split(",").map((count) => parseInt(count, 10));
      const bead = made([end[0], end[0] + n], [end[1], end[1] + m]);
      [end[0], end[1]] = [bead.s[1], bead.t[1]];
      return { ...(known.get(key(bead)) || bead), man: word.endsWith("m") };
    });
    const last = from[from.length - 1];
    return last && last.s[1] === end[0] && last.t[1] === end[1] ? beads : null;
  };

  return { packed, unpacked, size, merge, split, unlink, take, give, mark, apply, vecalign, jsonl, difference };
})();
