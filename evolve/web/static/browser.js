// All attempts, filtered and searched, a page at a time.

const NAMES = {
  round: "Round",
  operator: "Operator",
  outcome: "Verdict",
  reason: "Reason",
  kind: "Kind",
  status: "Proof",
};

class Browser {
  constructor(source, open) {
    this.source = source;
    this.open = open;
    this.asked = 0;
    this.choices = Object.fromEntries(
      FILTERS.map((name) => [name, el("select", { id: `filter-${name}`, on: { change: () => this.search() } })]),
    );
    this.text = el("input", {
      id: "filter-text",
      type: "search",
      autocomplete: "off",
      on: { input: () => this.soon() },
    });
    this.list = el("ol", { class: "results" });
    this.told = el("p", { role: "status", id: "found" });
    this.further = button("Show more", () => this.extend(), { hidden: true });
    const field = (id, name, input) => el("div", { class: "field" }, el("label", { for: id }, name), input);
    this.node = el(
      "div",
      {},
      el(
        "form",
        {
          class: "filters",
          role: "search",
          "aria-label": "Samples",
          on: { submit: (event) => event.preventDefault(), reset: () => setTimeout(() => this.search()) },
        },
        field("filter-text", "Words in instruction, answer or remarks", this.text),
        FILTERS.map((name) => field(`filter-${name}`, NAMES[name], this.choices[name])),
        el("button", { type: "reset" }, "All"),
      ),
      this.told,
      this.list,
      this.further,
    );
  }

  /** What each filter can be: name -> values. */
  offer(values) {
    for (const name of FILTERS) {
      const chosen = this.choices[name].value;
      const known = (values[name] || []).map((value) => el("option", { value }, value));
      this.choices[name].replaceChildren(el("option", { value: "" }, "all"), ...known);
      this.choices[name].value = chosen;
      this.choices[name].parentElement.hidden = known.length < 2;
    }
  }

  get filter() {
    const chosen = FILTERS.map((name) => [name, this.choices[name].value]);
    return Object.fromEntries([...chosen, ["text", this.text.value.trim()]]);
  }

  /** Show what suits these alone. */
  choose(filter) {
    for (const name of FILTERS) this.choices[name].value = filter[name] ?? "";
    this.text.value = filter.text ?? "";
    document.getElementById("samples").scrollIntoView();
    this.search();
  }

  soon() {
    clearTimeout(this.later);
    this.later = setTimeout(() => this.search(), 150);
  }

  async search() {
    this.list.replaceChildren();
    await this.extend(true);
  }

  async extend(anew = false) {
    this.asked += 1;
    const mine = this.asked;
    const { items, next, total } = await this.source.find(this.filter, anew ? undefined : this.next);
    if (mine !== this.asked) return; // another search was begun meanwhile
    this.next = next;
    this.list.append(...items.map((item) => this.row(item)));
    this.further.hidden = next === null;
    const shown = this.list.children.length;
    this.told.textContent = shown
      ? `${count(shown)} shown${total === undefined ? "" : ` of ${count(total)}`}`
      : "Nothing suits.";
  }

  row(item) {
    const text = item.instruction === undefined ? item.error || "no instruction" : shortened(item.instruction, 240);
    return el(
      "li",
      {},
      el(
        "button",
        { type: "button", class: "result", "data-key": item.key, on: { click: () => this.open(item.key) } },
        el("span", { class: "marks" }, `round ${item.round} · ${item.operator} `, verdict(item)),
        el("span", {}, text),
      ),
    );
  }
}
