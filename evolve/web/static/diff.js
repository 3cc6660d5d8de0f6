// A word diff of two texts: the longest common run of words, or of lines where there are too many words for it.

const CELLS = 4_000_000; // of the table of a diff: a tenth of a second, and 16 MB

function tokens(text, byLine) {
  return text.match(byLine ? /[^\n]*\n|[^\n]+$/gu : /\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) || [];
}

/** [sign, text] pieces in order: " " in both, "-" of the old, "+" of the new; null where the texts are too long. */
function difference(before, after) {
  for (const byLine of [false, true]) {
    const [old, now] = [tokens(before, byLine), tokens(after, byLine)];
    let start = 0;
    while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
    let end = 0;
    const most = Math.min(old.length, now.length) - start;
    while (end < most && old[old.length - 1 - end] === now[now.length - 1 - end]) end += 1;
    const [a, b] = [old.slice(start, old.length - end), now.slice(start, now.length - end)];
    if (a.length * b.length > CELLS) continue;
    return joined([
      [" ", old.slice(0, start).join("")],
      ...middle(a, b),
      [" ", end ? old.slice(old.length - end).join("") : ""],
    ]);
  }
  return null;
}

function middle(a, b) {
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] =
        a[i] === b[j]
          ? lengths[(i + 1) * width + j + 1] + 1
          : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    }
  }
  const pieces = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      pieces.push([" ", a[i]]);
      i += 1;
      j += 1;
    } else if (j === b.length || (i < a.length && lengths[(i + 1) * width + j] >= lengths[i * width + j + 1])) {
      pieces.push(["-", a[i]]);
      i += 1;
    } else {
      pieces.push(["+", b[j]]);
      j += 1;
    }
  }
  return pieces;
}

/** Without empty pieces; neighbours of one sign are one, and a space between two changes belongs to them. */
function joined(pieces) {
  const found = [];
  const changes = { "-": "", "+": "" };
  const flush = () => {
    for (const sign of ["-", "+"]) if (changes[sign]) found.push([sign, changes[sign]]);
    changes["-"] = changes["+"] = "";
  };
  pieces.forEach(([sign, text], index) => {
    if (!text) return;
    const next = pieces[index + 1];
    const between = sign === " " && /^\s+$/u.test(text) && text.length < 3 && next && next[0] !== " ";
    if (between && (changes["-"] || changes["+"])) {
      changes["-"] += text;
      changes["+"] += text;
    } else if (sign === " ") {
      flush();
      if (found.length && found[found.length - 1][0] === " ") found[found.length - 1][1] += text;
      else found.push([" ", text]);
    } else changes[sign] += text;
  });
  flush();
  return found;
}

/** Both texts in one, what went struck out, what came underlined. */
function diffed(before, after) {
  const pieces = difference(before, after);
  if (pieces === null) return el("pre", { class: "text" }, after);
  const names = { "-": ["del", "gone: "], "+": ["ins", "new: "] };
  return el(
    "pre",
    { class: "text" },
    pieces.map(([sign, text]) =>
      sign === " " ? text : el(names[sign][0], {}, el("span", { class: "unseen" }, names[sign][1]), text),
    ),
  );
}
