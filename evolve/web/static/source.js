// Where attempts come from: those in the file itself, or a server that reads the ledger. Both find the same way.

const PAGE = 40;
const FILTERS = ["round", "operator", "outcome", "reason", "kind", "status"];

function suits(item, filter) {
  if (!FILTERS.every((name) => !filter[name] || String(item[name] ?? "") === filter[name])) return false;
  if (!filter.text) return true;
  item.all ??= [item.instruction, item.answer, item.id, item.key, item.error, ...(item.findings || []).map((one) => one.detail)]
    .join("\n")
    .toLowerCase();
  return item.all.includes(filter.text.toLowerCase());
}

class Embedded {
  constructor(items, others) {
    this.items = items;
    this.others = others;
    this.ids = new Map(items.filter((item) => item.id).map((item) => [item.id, item]));
  }

  /** A page of what suits, from the place `after` on. */
  async find(filter, after = 0) {
    const found = this.items.filter((item) => suits(item, filter));
    const next = after + PAGE < found.length ? after + PAGE : null;
    return { items: found.slice(after, after + PAGE), next, total: found.length };
  }

  async lineage(key) {
    const chosen = this.items.find((item) => item.key === key);
    return chosen ? this.items.filter((item) => item.root === chosen.root) : [];
  }

  async points() {
    return this.items.filter((item) => item.x !== undefined);
  }

  /** The attempt that made that instruction, or what is known of its text. */
  async named(id) {
    const text = this.others[id];
    return this.ids.get(id) ?? (text === undefined ? null : { id, instruction: text });
  }
}

class Live {
  constructor(run) {
    this.run = run;
  }

  async ask(what, values = {}) {
    const given = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== "");
    const reply = await fetch(`/runs/${encodeURIComponent(this.run)}/${what}?${new URLSearchParams(given)}`);
    if (!reply.ok) throw new Error(`${what}: ${reply.status}`);
    return reply.json();
  }

  find(filter, after = null) {
    return this.ask("items", { ...filter, after });
  }

  lineage(key) {
    return this.ask("lineage", { key });
  }

  points() {
    return this.ask("points");
  }

  named(id) {
    return this.ask("named", { id });
  }
}

/** The items of the file: gzip in base64, since 10,000 of them are five times as large as they are. */
async function unpacked(node) {
  const packed = JSON.parse(node.textContent).gzip;
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}
