// Plots as plain SVG; each comes with its numbers as a table, for those who cannot see it or want to copy them.

const PLOT = { width: 320, height: 190, left: 44, right: 12, top: 12, bottom: 30 };

function ticks(low, high, wanted = 4) {
  const raw = (high - low) / wanted || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= raw);
  const found = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step / 1e6; at += step)
    found.push(Number(at.toPrecision(12)));
  return found;
}

function frame(title, low, high, place, size = PLOT) {
  const node = draw("svg", { viewBox: `0 0 ${size.width} ${size.height}`, role: "img", "aria-label": title });
  for (const value of ticks(low, high)) {
    const y = place(value);
    node.append(
      draw("line", { class: "grid", x1: size.left, x2: size.width - size.right, y1: y, y2: y }),
      draw("text", { class: "tick", x: size.left - 6, y: y + 4, "text-anchor": "end" }, count(value)),
    );
  }
  return node;
}

function named(round) {
  return round ? `round ${round}` : "seeds";
}

/** A figure round by round: the middle one, and where four fifths of them lie. */
function growth(measure) {
  const { spreads } = measure;
  const heading = el("h3", {}, measure.title);
  if (!spreads.length) return el("figure", { class: "card" }, heading, el("p", { class: "quiet" }, measure.help));
  const low = Math.min(0, ...spreads.map((one) => one.low));
  const high = Math.max(...spreads.map((one) => one.high)) || 1;
  const inner = PLOT.height - PLOT.top - PLOT.bottom;
  const place = (value) => PLOT.top + inner * (1 - (value - low) / (high - low));
  const room = (PLOT.width - PLOT.left - PLOT.right) / spreads.length;
  const words = spreads.map((one) => `${named(one.round)}: ${count(one.median)}`).join(", ");
  const node = frame(`${measure.title}, the middle value of ${words}`, low, high, place);
  let previous = null;
  spreads.forEach((one, index) => {
    const x = PLOT.left + room * (index + 0.5);
    const width = Math.min(44, room * 0.55);
    const top = place(one.high);
    node.append(
      draw("rect", {
        class: "spread",
        x: x - width / 2,
        width,
        y: top,
        height: Math.max(1, place(one.low) - top),
        rx: 3,
      }),
      draw("line", {
        class: "median",
        x1: x - width / 2,
        x2: x + width / 2,
        y1: place(one.median),
        y2: place(one.median),
      }),
      draw("text", { class: "value", x, y: place(one.median) - 5, "text-anchor": "middle" }, count(one.median)),
      draw("text", { class: "tick", x, y: PLOT.height - 10, "text-anchor": "middle" }, named(one.round)),
    );
    if (previous)
      node.append(
        draw("line", { class: "trend", x1: previous[0], y1: previous[1], x2: x - width / 2, y2: place(one.median) }),
      );
    previous = [x + width / 2, place(one.median)];
  });
  const rows = spreads.map((one) => [named(one.round), one.count, one.low, one.median, one.high]);
  return el(
    "figure",
    { class: "card" },
    heading,
    node,
    el("figcaption", { class: "quiet" }, measure.help),
    more("As a table", table(measure.title, ["", "rows", "a tenth below", "half below", "nine tenths below"], rows)),
  );
}

/** Curves over seconds; `curves`: [[name, [[seconds, value], …]], …], each of them a class of its own. */
function curves(title, help, series) {
  const size = { ...PLOT, width: 420 };
  const all = series.flatMap(([, points]) => points);
  const end = Math.max(1, ...all.map(([seconds]) => seconds));
  const high = Math.max(...all.map(([, value]) => value)) || 1;
  const inner = size.height - size.top - size.bottom;
  const place = (value) => size.top + inner * (1 - value / high);
  const across = (seconds) => size.left + ((size.width - size.left - size.right) * seconds) / end;
  const last = series.map(([name, points]) => `${name} ${count(points[points.length - 1][1])}`).join(", ");
  const node = frame(`${title}, at the end: ${last}`, 0, high, place, size);
  series.forEach(([, points], index) => {
    const line = points.map(([seconds, value]) => `${across(seconds).toFixed(1)},${place(value).toFixed(1)}`).join(" ");
    node.append(draw("polyline", { class: `curve c${index}`, points: line }));
  });
  for (const [share, anchor] of [
    [0, "start"],
    [0.5, "middle"],
    [1, "end"],
  ]) {
    node.append(
      draw(
        "text",
        { class: "tick", x: across(end * share), y: size.height - 10, "text-anchor": anchor },
        duration(end * share),
      ),
    );
  }
  const rows = series[0][1].map(([seconds], at) => [duration(seconds), ...series.map(([, points]) => points[at][1])]);
  return el(
    "figure",
    { class: "card" },
    el("h3", {}, title),
    node,
    el(
      "p",
      { class: "legend" },
      series.map(([name], index) => el("span", { class: `key c${index}` }, name)),
    ),
    el("figcaption", { class: "quiet" }, help),
    more("As a table", table(title, ["after", ...series.map(([name]) => name)], rows)),
  );
}
