// All runs of a folder, and two or more of them side by side.

async function overview() {
  const { name, runs } = await asked("/runs");
  document.getElementById("name").textContent = visible(name);
  document.getElementById("state").textContent = "";
  document.getElementById("parts").remove();
  const compared = el("div", { id: "compared" });
  const boxes = runs.map((run) =>
    el("input", { type: "checkbox", "aria-label": `Compare ${run.name}`, value: run.name }),
  );
  const rows = runs.map((run, index) => [
    el("a", { href: `/runs/${encodeURIComponent(run.name)}` }, run.name),
    boxes[index],
    run.error ?? (run.finished ? "finished" : "not finished"),
    run.seeds ?? "",
    run.attempts ?? "",
    run.attempts
      ? bar(run.accepted / run.attempts, `${count(run.accepted)} (${percent(run.accepted / run.attempts)})`, "accepted")
      : "",
    run.attempts ? bar(run.verified / run.attempts, count(run.verified), "verified") : "",
    run.attempts ? dollars(run.cost_usd) : "",
  ]);
  const compare = button("Compare those chosen", async () => {
    const chosen = boxes.filter((box) => box.checked).map((box) => ["run", box.value]);
    const found =
      chosen.length > 1 ? comparison(await asked("/compare", chosen)) : [el("p", {}, "Choose two or more.")];
    compared.replaceChildren(...found);
    compared.querySelector("h2")?.focus();
  });
  document
    .getElementById("main")
    .append(
      el(
        "section",
        {},
        runs.length
          ? table(
              "Runs in this folder",
              ["run", "compare", "state", "seeds", "attempts", "accepted", "verified", "cost"],
              rows,
              { class: "bars" },
            )
          : el("p", {}, "There is no run in this folder yet."),
        runs.length > 1 ? compare : null,
      ),
      compared,
    );
  document.documentElement.dataset.ready = "";
}

function comparison({ runs, settings, funnels, reasons }) {
  const names = runs.map((run) => run.name);
  const share = (part, whole, kind) =>
    whole ? bar(part / whole, `${count(part)} (${percent(part / whole)})`, kind) : "";
  const rounds = [...new Set(funnels.flatMap((one) => one.map((row) => row.round)))].sort((a, b) => a - b);
  const stages = [
    ["read", "an instruction was read", ""],
    ["answered", "answered", ""],
    ["accepted", "accepted", "accepted"],
    ["verified", "verified", "verified"],
  ];
  const rows = rounds.flatMap((round) =>
    stages.map(([stage, title, kind]) => [
      `${named(round)}: ${title}`,
      ...funnels.map((one) => {
        const row = one.find((candidate) => candidate.round === round);
        return row ? share(row[stage], row.attempts, kind) : "none";
      }),
    ]),
  );
  const thrown = Object.entries(reasons).map(([reason, counts]) => [
    reason,
    ...counts.map((number, index) => share(number, runs[index].attempts, "rejected")),
  ]);
  const differing = Object.entries(settings).map(([name, values]) => [
    name,
    ...values.map((value) => value ?? "not set"),
  ]);
  return [
    el("h2", { tabindex: "-1" }, "Side by side"),
    differing.length
      ? table("Settings that differ", ["setting", ...names], differing)
      : el("p", {}, "They have the same settings."),
    table("How far attempts came", ["", ...names], rows, { class: "bars" }),
    thrown.length
      ? table("Thrown out, as a share of all attempts", ["reason", ...names], thrown, { class: "bars" })
      : null,
  ].filter(Boolean);
}
