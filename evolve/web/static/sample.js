// One sample: its lineage as a tree, and each step on the way to it with what changed, what was checked, what was run.

class SampleView {
  constructor(source) {
    this.source = source;
    this.body = el("div", { class: "sample" });
    this.node = el(
      "dialog",
      { "aria-labelledby": "sample-title", on: { close: () => this.left() } },
      el(
        "div",
        { class: "head" },
        el("h2", { id: "sample-title", tabindex: "-1" }, "Sample"),
        button("Close", () => this.node.close()),
      ),
      this.body,
    );
    this.node.addEventListener("click", (event) => event.target === this.node && this.node.close());
  }

  async open(key) {
    const items = await this.source.lineage(key);
    const chosen = items.find((item) => item.key === key);
    if (!chosen) return announce("This sample is not on this page.");
    const parents = new Map(items.filter((item) => item.id).map((item) => [item.id, item]));
    const way = [chosen];
    while (way[0].parent && parents.has(way[0].parent)) way.unshift(parents.get(way[0].parent));
    const above = way[0].parent ? await this.source.named(way[0].parent) : null;
    const steps = await Promise.all(
      way.map((item, index) => this.step(item, way[index - 1] ?? above, item === chosen)),
    );
    this.node.querySelector("h2").textContent = visible(`Sample ${chosen.id || chosen.key}`);
    this.body.replaceChildren(
      el("nav", { "aria-label": "Lineage" }, el("h3", {}, "Lineage"), this.tree(items, chosen)),
      el("div", { class: "steps" }, steps),
    );
    if (!this.node.open) this.node.showModal();
    this.node.querySelector("h2").focus();
    this.node.scrollTop = 0;
    history.replaceState(null, "", `#sample=${key}`);
    return null;
  }

  left() {
    history.replaceState(null, "", "#");
  }

  /** Each attempt below its parent. */
  tree(items, chosen) {
    const [root] = items;
    const below = new Map();
    for (const item of items) {
      const over = item.round === 0 ? "" : item.parent || item.root;
      below.set(over, [...(below.get(over) || []), item]);
    }
    const branch = (item) => {
      const children = item.id ? below.get(item.id) || [] : [];
      const mark = button(
        [el("b", {}, item.operator), ` round ${item.round} `, verdict(item)],
        () => this.open(item.key),
        { class: "link", "aria-current": item === chosen ? "true" : null },
      );
      return el("li", {}, mark, children.length ? el("ul", {}, children.map(branch)) : null);
    };
    const tops = below.get("") || below.get(root.root) || items;
    return el("ul", { class: "tree" }, tops.map(branch));
  }

  async step(item, parent, chosen) {
    const title = `Round ${item.round}: ${item.operator}`;
    const instruction = item.instruction ?? "";
    const parts = [
      el("h3", {}, title, " ", verdict(item), chosen ? null : el("span", { class: "quiet" }, " on the way to it")),
      why(item),
    ];
    if (item.instruction === undefined) parts.push(el("p", { class: "quiet" }, "No instruction could be read."));
    else if (parent?.instruction !== undefined)
      parts.push(el("h4", {}, "What changed"), diffed(parent.instruction, instruction));
    else parts.push(el("h4", {}, "Instruction"), el("pre", { class: "text" }, instruction));
    const answer =
      item.answer === undefined ? null : [el("h4", {}, "Answer"), el("pre", { class: "text" }, item.answer)];
    const rest = [answer, proof(item), await this.checks(item), facts(item)];
    parts.push(chosen ? rest : more("Its answer and checks", rest));
    if (item.cut)
      parts.push(
        el("p", { class: "quiet" }, `${count(item.cut)} characters were left out here; the dataset has them.`),
      );
    return el("section", { class: chosen ? "step chosen" : "step" }, parts);
  }

  async checks(item) {
    const rows = [];
    for (const one of item.findings || []) {
      const scores = Object.entries(one.scores || {}).map(([name, value]) => `${name} ${count(value)}`);
      const near = one.nearest && (await this.source.named(one.nearest));
      const link = near && (near.key ? button("the nearest", () => this.open(near.key), { class: "link" }) : null);
      rows.push([
        one.check,
        el("span", { class: `verdict ${one.verdict}` }, one.verdict),
        [one.detail, " ", link],
        scores.join(", "),
      ]);
    }
    const silent = item.passed?.length ? `Without remark: ${item.passed.join(", ")}.` : null;
    if (!rows.length && !silent) return null;
    return [
      el("h4", {}, "Checks"),
      rows.length ? table("What the checks saw", ["check", "verdict", "what was seen", "scores"], rows) : null,
      el("p", { class: "quiet" }, silent),
    ];
  }
}

function verdict(item) {
  const shown = item.outcome === "rejected" ? item.reason : item.status === "verified" ? "verified" : item.outcome;
  return el("span", { class: `verdict ${item.status === "verified" ? "verified" : item.outcome}` }, shown);
}

function why(item) {
  if (item.outcome === "failed") return el("p", {}, `Failed: ${item.error}`);
  const found = (item.findings || []).find((one) => one.verdict === "reject");
  return found ? el("p", {}, `Thrown out by ${found.check}: ${found.detail || found.reason}`) : null;
}

function facts(item) {
  const models = Object.entries(item.models || {}).map(([role, model]) => `${role} ${model}`);
  const near = item.nearest ? `nearest earlier instruction: ${item.nearest[0]} (cosine ${item.nearest[1]})` : null;
  const size = `${item.words} words${item.added === undefined ? "" : ` (${item.added >= 0 ? "+" : ""}${item.added})`}`;
  const all = [`id ${item.id || "none"}`, size, `answer of ${item.lines} lines, ${item.decisions} branches and loops`];
  return el(
    "p",
    { class: "quiet" },
    [...all, item.kind && `kind ${item.kind}`, near, ...models].filter(Boolean).join(" · "),
  );
}

/** What running the answer came to. */
function proof(item) {
  const found = item.proof;
  if (!found) return item.outcome === "accepted" ? el("p", { class: "quiet" }, "Its answer was not run.") : null;
  const figures = [
    ["in", found.tier],
    ["language", found.language],
    ["assertions", found.assertions],
    ["broken versions caught", found.mutation === undefined ? "" : percent(found.mutation)],
    ["answers that pass", found.pass_rate === undefined ? "" : percent(found.pass_rate)],
    ["answers that agree", found.agreement === undefined ? "" : percent(found.agreement)],
    ["answers tried", found.candidates],
    ["repairs", found.repairs],
    ...Object.entries(found.scores || {}).map(([name, value]) => [name, count(value)]),
  ].filter(([, value]) => value !== "" && value !== undefined);
  return [
    el("h4", {}, "Proof: ", el("span", { class: `verdict ${found.status}` }, found.status)),
    found.detail ? el("p", {}, found.detail) : null,
    el(
      "dl",
      { class: "facts" },
      figures.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))),
    ),
    found.tests ? more("The tests that were run", el("pre", { class: "text" }, found.tests)) : null,
    found.failing
      ? more("An answer that fails them, and what became of it", diffed(found.failing, item.answer ?? ""))
      : null,
  ];
}
