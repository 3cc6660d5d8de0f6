// Where attempts come from: those in the file itself, or a server that reads the ledger. Both find the same way.

const PAGE = 20;
const FILTERS = ["round", "operator", "outcome", "reason", "kind", "status"];

function suits(item, filter) {
  if (!FILTERS.every((name) => !filter[name] || String(item[name] ?? "") === filter[name])) return false;
  if (!filter.text) return true;
  const remarks = (item.findings || []).map((one) => one.detail);
  item.all ??= [item.instruction, item.answer, item.id, item.error, item.proof?.detail, ...remarks]
    .join("\n")
    .toLowerCase();
  return item.all.includes(filter.text.toLowerCase());
}

class Embedded {
  constructor(items, others) {
    this.items = items;
    this.others = others;
    this.keys = new Map(items.map((item) => [item.key, item]));
    this.ids = new Map(items.filter((item) => item.id).map((item) => [item.id, item]));
  }

  /** A page of what suits, from the place `after` on. */
  async find(filter, after = 0, size = PAGE) {
    const found = this.items.filter((item) => suits(item, filter));
    const next = after + size < found.length ? after + size : null;
    return { items: found.slice(after, after + size), next, total: found.length };
  }

  async at(key) {
    return this.keys.get(key) ?? null;
  }

  async lineage(key) {
    const chosen = await this.at(key);
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

async function asked(path, values = []) {
  const given = values.filter(([, value]) => value !== null && value !== undefined && value !== "");
  const reply = await fetch(`${path}?${new URLSearchParams(given)}`);
  if (!reply.ok) throw new Error(`${path}: ${reply.status}`);
  return reply.json();
}

class Live {
  constructor(run) {
    this.path = `/runs/${encodeURIComponent(run)}`;
  }

  ask(what, values = {}) {
    return asked(`${this.path}/${what}`, Object.entries(values));
  }

  find(filter, after = null, size = PAGE) {
    return this.ask("items", { ...filter, after, size });
  }

  async at(key) {
    return (await this.lineage(key)).find((item) => item.key === key) ?? null;
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
  const letters = atob(JSON.parse(node.textContent).gzip);
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at += 1) bytes[at] = letters.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}
