// The page as a whole: figures first, then what the samples give.

const SECTIONS = [
  ["good", "Is it any good?", "Any good?"],
  ["drawn", "Read these first", "Read first"],
  ["funnel", "How far attempts came", "Funnel"],
  ["reasons", "Why they were thrown out", "Reasons"],
  ["operators", "Operators and kinds", "Operators"],
  ["contents", "What is in the rows", "Rows"],
  ["growth", "Round by round", "Growth"],
  ["map", "Map", "Map"],
  ["samples", "Samples", "Samples"],
  ["pairs", "Duplicates", "Duplicates"],
  ["proofs", "Proofs", "Proofs"],
  ["cost", "Cost and speed", "Cost"],
  ["made", "How it was made", "Settings"],
];

class Page {
  constructor(source) {
    this.source = source;
    this.sample = new SampleView(source);
    const open = (key) => this.sample.open(key);
    this.open = open;
    this.plane = new Plane(open);
    this.browser = new Browser(source, open);
    this.parts = {};
    const main = document.getElementById("main");
    const nav = document.getElementById("parts");
    for (const [id, title, short] of SECTIONS) {
      this.parts[id] = el("div");
      main.append(
        el("section", { id, "aria-labelledby": `${id}-title` }, el("h2", { id: `${id}-title` }, title), this.parts[id]),
      );
      nav.append(el("a", { href: `#${id}` }, short));
    }
    this.parts.map.append(
      el(
        "p",
        { class: "quiet" },
        "Each point is an instruction; near points share words and parts of words. The two directions are those in ",
        "which all of them differ most (PCA of the built-in embedder's vectors).",
      ),
      this.plane.node,
    );
    this.parts.samples.append(this.browser.node);
    document.body.append(this.sample.node);
  }

  figures(page) {
    const choose = (filter) => this.browser.choose(filter);
    document.getElementById("name").textContent = visible(page.name);
    document.title = visible(`${page.name} · evolve`);
    document.getElementById("state").textContent = page.finished ? "finished" : "not finished";
    const put = (id, ...content) => this.parts[id].replaceChildren(...content.flat(Infinity).filter(Boolean));
    put("good", headline(page));
    put("funnel", funnel(page, choose));
    put("reasons", reasons(page, choose));
    put("operators", operators(page, choose));
    put("contents", contents(page, choose, this.open));
    put("growth", rounds(page), el("div", { class: "grid" }, page.measures.map(growth)));
    put("proofs", proofs(page, choose));
    put("cost", cost(page));
    put("made", made(page));
    const own = (values) => [...new Set(values)].filter(Boolean);
    this.browser.offer({
      round: page.passages.map((one) => String(one.round)),
      operator: own(page.summary.rounds.map((line) => line.operator)),
      outcome: ["accepted", "rejected", "failed"],
      reason: Object.keys(page.summary.reasons),
      kind: own(Object.keys(page.summary.kinds)).filter((kind) => kind !== "none"),
      status: ["verified", "unverified", "refuted"],
    });
  }

  async samples(page) {
    this.plane.show(await this.source.points());
    await this.browser.search();
    await this.drawn(page);
    await this.pairs();
  }

  async drawn(page) {
    const listed = async ([name, keys]) => {
      const items = await Promise.all(keys.map((key) => this.source.at(key)));
      return [
        el("h3", {}, name),
        el(
          "ol",
          { class: "results" },
          items.filter(Boolean).map((item) => this.browser.row(item)),
        ),
      ];
    };
    const drawn = Object.entries(page.examples).map(([round, keys]) => [
      round === "0" ? "Seeds" : `Round ${round}`,
      keys,
    ]);
    const lists = await Promise.all([...drawn, ...Object.entries(page.contents.edges)].map(listed));
    this.parts.drawn.replaceChildren(
      el("p", { class: "quiet" }, "Accepted ones, drawn by lot: always the same for the same run."),
      ...lists.slice(0, drawn.length).flat(),
      more("Accepted, but on the edge", lists.slice(drawn.length).flat()),
    );
  }

  /** Those thrown out as duplicates beside what they repeat. */
  async pairs(after) {
    const { items, next, total } = await this.source.find({ reason: "duplicate" }, after, 5);
    const rows = await Promise.all(items.map((item) => this.pair(item)));
    const further = next === null ? null : button("Show more", () => this.pairs(next));
    if (after === undefined) {
      const told = items.length
        ? [
            total === undefined ? "" : `${count(total)} `,
            "thrown out; what only one of the two has is struck out or underlined.",
          ]
        : "None were thrown out.";
      this.parts.pairs.replaceChildren(el("p", { class: "quiet" }, told));
    } else this.parts.pairs.lastElementChild.remove();
    this.parts.pairs.append(...rows, ...(further ? [further] : []));
  }

  async pair(item) {
    const found = (item.findings || []).find((one) => one.reason === "duplicate");
    const other = found?.nearest ? await this.source.named(found.nearest) : null;
    const before = other?.instruction ?? null;
    const side = (name, one, text) =>
      el(
        "div",
        {},
        el(
          "h3",
          {},
          name,
          one?.key
            ? button("open", () => this.open(one.key), { class: "link", "aria-label": `Open ${one.key}` })
            : null,
        ),
        el("pre", { class: "text" }, text),
      );
    return el(
      "article",
      { class: "card" },
      el("p", { class: "quiet" }, found?.detail || ""),
      el(
        "div",
        { class: "pair" },
        side("Kept", other, before ?? "(of an earlier run)"),
        before === null
          ? side("Thrown out", item, item.instruction ?? "")
          : el(
              "div",
              {},
              el(
                "h3",
                {},
                "Thrown out",
                button("open", () => this.open(item.key), { class: "link", "aria-label": `Open ${item.key}` }),
              ),
              diffed(before, item.instruction ?? ""),
            ),
      ),
    );
  }
}

function theme() {
  const root = document.documentElement;
  const dark = () =>
    root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const switch_ = document.getElementById("theme");
  const tell = () => switch_.setAttribute("aria-pressed", String(dark()));
  switch_.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    tell();
    document.dispatchEvent(new Event("theme"));
  });
  tell();
}

async function main() {
  theme();
  const { run } = document.documentElement.dataset;
  if (run !== undefined) return run ? live(run) : overview();
  const page = JSON.parse(document.getElementById("data").textContent);
  const source = new Embedded([], page.others);
  const shown = new Page(source);
  document.addEventListener("theme", () => shown.plane.paint());
  shown.figures(page);
  if (document.readyState === "loading") await new Promise((go) => document.addEventListener("DOMContentLoaded", go));
  // the items stand behind this script, so that the figures come first
  const items = await unpacked(document.getElementById("items"));
  Object.assign(source, new Embedded(items, page.others));
  await shown.samples(page);
  return ready(shown);
}

function ready(shown) {
  document.documentElement.dataset.ready = "";
  const chosen = /^#sample=([\d.]+)$/.exec(location.hash);
  return chosen ? shown.open(chosen[1]) : null;
}
