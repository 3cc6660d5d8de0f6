// The instructions on a plane: near points share words. Pointed at, clicked or walked over with the arrow keys.

const COLOURS = { round: "round", outcome: "verdict", operator: "operator", kind: "kind", status: "proof" };
const NONE = { outcome: "?", operator: "?", kind: "no kind", status: "not tried", round: "?" };

class Plane {
  constructor(open) {
    this.open = open;
    this.points = [];
    this.by = "round";
    this.at = null;
    this.zoom = 1;
    this.centre = [0, 0];
    this.canvas = el("canvas", {
      tabindex: "0",
      role: "application",
      "aria-label": "Map of the instructions. Arrow keys go to the next point, Enter opens it, plus and minus zoom.",
      on: {
        pointermove: (event) => this.hover(event),
        pointerleave: () => this.point(null),
        click: () => this.at && this.open(this.at.key),
        keydown: (event) => this.key(event),
      },
    });
    this.tip = el("div", { class: "tip", hidden: true });
    this.legend = el("p", { class: "legend" });
    this.choice = el(
      "select",
      { id: "map-colour", on: { change: () => this.colour(this.choice.value) } },
      Object.entries(COLOURS).map(([value, name]) => el("option", { value }, name)),
    );
    this.rows = el("div");
    this.node = el(
      "div",
      { class: "card map" },
      el(
        "div",
        { class: "tools" },
        el("label", { for: "map-colour" }, "Colour by "),
        this.choice,
        button("+", () => this.scale(1.5), { "aria-label": "Zoom in" }),
        button("−", () => this.scale(1 / 1.5), { "aria-label": "Zoom out" }),
        button("whole", () => this.scale(0), { "aria-label": "Show the whole map" }),
      ),
      el("div", { class: "plane" }, this.canvas, this.tip),
      this.legend,
      more("As a table", this.rows),
    );
    new ResizeObserver(() => this.paint()).observe(this.canvas);
  }

  show(points) {
    this.points = points;
    this.colour(this.by);
    this.tabulate(0);
  }

  colour(by) {
    this.by = by;
    const sizes = new Map();
    for (const point of this.points) sizes.set(this.group(point), (sizes.get(this.group(point)) || 0) + 1);
    const ordered = [...sizes].sort(by === "round" ? (a, b) => a[0] - b[0] : (a, b) => b[1] - a[1]);
    this.groups = new Map(ordered.map(([name], index) => [name, Math.min(index, 8)]));
    this.legend.replaceChildren(
      ...ordered.map(([name, size]) =>
        el(
          "span",
          { class: `key c${this.groups.get(name)}` },
          `${by === "round" ? "round " : ""}${name} (${count(size)})`,
        ),
      ),
    );
    this.paint();
  }

  group(point) {
    return String(point[this.by] ?? NONE[this.by]);
  }

  paint() {
    const { canvas } = this;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (!width) return;
    const dense = window.devicePixelRatio || 1;
    canvas.width = width * dense;
    canvas.height = height * dense;
    const context = canvas.getContext("2d");
    context.scale(dense, dense);
    const inks = Array.from({ length: 9 }, (_, index) => this.ink(`c${index}`));
    const size = this.points.length > 3000 ? 3 : 4;
    context.globalAlpha = this.points.length > 3000 ? 0.6 : 0.8;
    for (const point of this.points) {
      context.fillStyle = inks[this.groups.get(this.group(point))];
      const [x, y] = this.screen(point);
      context.fillRect(x - size / 2, y - size / 2, size, size);
    }
    if (!this.at) return;
    context.globalAlpha = 1;
    context.strokeStyle = this.ink("text");
    context.lineWidth = 2;
    context.beginPath();
    context.arc(...this.screen(this.at), 6, 0, 2 * Math.PI);
    context.stroke();
  }

  ink(name) {
    const probe = el("i", { class: `ink ${name}` });
    this.node.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  }

  screen(point) {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    return [
      width / 2 + ((point.x - this.centre[0]) * this.zoom * width) / 2.1,
      height / 2 - ((point.y - this.centre[1]) * this.zoom * height) / 2.1,
    ];
  }

  hover(event) {
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let [best, least] = [null, 14 ** 2];
    for (const point of this.points) {
      const [px, py] = this.screen(point);
      const far = (px - x) ** 2 + (py - y) ** 2;
      if (far < least) [best, least] = [point, far];
    }
    this.point(best);
  }

  point(point) {
    if (point === this.at) return;
    this.at = point;
    this.canvas.classList.toggle("found", Boolean(point));
    this.tip.hidden = !point;
    if (point) {
      const [x, y] = this.screen(point);
      const what = `round ${point.round} · ${point.operator} · ${point.reason || point.outcome}`;
      this.tip.replaceChildren(el("b", {}, what), el("br"), shortened(point.instruction, 220));
      this.tip.style.setProperty("left", `${Math.max(0, Math.min(x + 12, this.canvas.clientWidth - 260))}px`);
      this.tip.style.setProperty("top", `${y + 14}px`);
    }
    this.paint();
  }

  key(event) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (way) this.walk(way);
    else if (event.key === "Enter" && this.at) this.open(this.at.key);
    else if (event.key === "+") this.scale(1.5);
    else if (event.key === "-") this.scale(1 / 1.5);
    else return;
    event.preventDefault();
  }

  /** To the nearest point that lies that way, at most 45 degrees beside it. */
  walk([right, down]) {
    const from = this.at ? this.screen(this.at) : [this.canvas.clientWidth / 2, this.canvas.clientHeight / 2];
    let [best, least] = [null, Infinity];
    for (const point of this.points) {
      const [x, y] = this.screen(point);
      const along = (x - from[0]) * right + (y - from[1]) * down;
      const beside = Math.abs((x - from[0]) * down) + Math.abs((y - from[1]) * right);
      if (along > 1 && beside <= along && along + beside < least) [best, least] = [point, along + beside];
    }
    if (!best) return;
    this.point(best);
    announce(
      `round ${best.round}, ${best.operator}, ${best.reason || best.outcome}: ${shortened(best.instruction, 160)}`,
    );
  }

  scale(times) {
    if (times && this.at) this.centre = [this.at.x, this.at.y];
    if (!times) this.centre = [0, 0];
    this.zoom = times ? Math.max(1, Math.min(40, this.zoom * times)) : 1;
    this.paint();
  }

  tabulate(from) {
    const some = this.points.slice(from, from + PAGE);
    const rows = some.map((point) => [
      button(point.key, () => this.open(point.key), { class: "link" }),
      String(point.round),
      point.operator,
      point.reason || point.outcome,
      `${point.x}, ${point.y}`,
      shortened(point.instruction, 80),
    ]);
    const turn = (by, name) =>
      from + by >= 0 && from + by < this.points.length && button(name, () => this.tabulate(from + by));
    this.rows.replaceChildren(
      table(
        `Points ${from + 1} to ${from + some.length} of ${count(this.points.length)}`,
        ["key", "round", "operator", "verdict", "place", "instruction"],
        rows,
      ),
      el("p", {}, turn(-PAGE, "Back"), " ", turn(PAGE, "Next")),
    );
  }
}
