"use strict";
// What all other parts are made with. Text gets into the page as text alone, by `el` and `draw`: nothing that a model
// wrote is ever read as markup, and what acts on a terminal or turns letters round is shown as a sign.

const UNSEEN = new RegExp(
  "[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f" + // controls but tab and newline: escapes start here
    "\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb" + // turning, or not seen
    "\\u{e0000}-\\u{e007f}]", // tags
  "gu",
);

function visible(text) {
  return String(text)
    .replaceAll("\r\n", "\n")
    .replace(UNSEEN, (letter) => {
      const code = letter.codePointAt(0);
      if (code < 0x20) return String.fromCodePoint(0x2400 + code);
      return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
    });
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
    else if (name.startsWith("--")) node.style.setProperty(name, value);
    else node.setAttribute(name, value === true ? "" : visible(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(visible(child)));
  }
  return node;
}

/** An element; `attributes.on` holds listeners, `--name` a CSS variable. */
function el(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same of SVG. */
function draw(tag, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function table(caption, heads, rows, attributes = {}) {
  const cell = (value, index) => {
    const number = typeof value === "number";
    const shown = number ? count(value) : value;
    if (index === 0) return el("th", { scope: "row" }, shown);
    return el("td", { class: number ? "number" : null }, shown);
  };
  return el(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    el(
      "table",
      attributes,
      el("caption", {}, caption),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          heads.map((head) => (head ? el("th", { scope: "col" }, head) : el("td"))),
        ),
      ),
      el(
        "tbody",
        {},
        rows.map((row) => el("tr", {}, row.map(cell))),
      ),
    ),
  );
}

/** A number beside a bar that is `share` (0-1) of its cell; `then`: what a click does. */
function bar(share, shown, kind = "", then = null) {
  const inside = then
    ? el("button", { type: "button", class: "link", on: { click: then } }, shown)
    : el("span", {}, shown);
  const width = `${(100 * Math.min(1, share || 0)).toFixed(2)}%`;
  return el("span", { class: `bar ${kind}` }, el("i", { "--share": width, "aria-hidden": "true" }), inside);
}

function more(title, ...content) {
  return el("details", {}, el("summary", {}, title), content);
}

function button(text, act, attributes = {}) {
  return el("button", { type: "button", on: { click: act }, ...attributes }, text);
}

function count(number) {
  if (!Number.isFinite(number)) return "";
  return Number.isInteger(number) ? number.toLocaleString("en") : String(Number(number.toPrecision(3)));
}

function percent(share) {
  const value = 100 * share;
  if (value > 0 && value < 0.05) return "<0.1%";
  return `${value && value < 9.95 ? value.toFixed(1) : Math.round(value)}%`;
}

function dollars(usd) {
  if (usd === null || usd === undefined) return "unpriced";
  return `$${usd.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: usd < 1 ? 4 : 2 })}`;
}

function duration(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

function shortened(text, width) {
  const flat = (text || "")
    .slice(0, 4 * width)
    .replace(/\s+/gu, " ")
    .trim();
  return flat.length <= width ? flat : `${flat.slice(0, width - 1)}…`;
}

/** Say something to those who cannot see that the page has changed. */
function announce(text) {
  document.getElementById("said").textContent = visible(text);
}
