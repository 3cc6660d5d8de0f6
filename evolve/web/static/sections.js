// The parts of the page that are figures: each is made anew whenever there are new ones.

function headline(page) {
  const { summary, assessment } = page;
  const evolved = summary.rounds.filter((line) => line.round > 0);
  const kept = evolved.reduce((sum, line) => sum + line.accepted, 0);
  const tried = evolved.reduce((sum, line) => sum + line.attempts, 0);
  const tiles = [
    ["seeds", count(page.seeds), ""],
    ["rows to train on", count(summary.accepted), `${count(kept)} evolved of ${count(tried)} tried`],
    [
      "verified",
      count(summary.verified),
      summary.accepted ? `${percent(summary.verified / summary.accepted)} of the rows` : "",
    ],
    [
      "cost",
      dollars(summary.cost_usd),
      summary.accepted && summary.cost_usd ? `${dollars(summary.cost_usd / summary.accepted)} a row` : "",
    ],
    ["time", duration(summary.seconds), page.finished ? "finished" : "not finished"],
  ];
  const warnings = assessment.warnings.map((one) =>
    el(
      "li",
      { class: `warning ${one.level}` },
      el("b", {}, one.title),
      el("p", {}, one.text),
      el("p", { class: "quiet" }, "From: ", one.source),
    ),
  );
  return [
    el("p", { class: `sentence ${assessment.level}` }, assessment.sentence),
    el(
      "dl",
      { class: "tiles" },
      tiles.map(([name, value, below]) =>
        el("div", {}, el("dt", {}, name), el("dd", {}, value, el("small", {}, below))),
      ),
    ),
    warnings.length ? el("ul", { class: "warnings" }, warnings) : null,
    page.every > 1
      ? el(
          "p",
          { class: "quiet", id: "sampled" },
          `Counts are of all ${count(page.attempts)} attempts. What is in the rows, growth, map, texts and trials are of every `,
          `${ordinal(page.every)} seed and what came of it: ${count(page.shown)} attempts.`,
        )
      : null,
  ];
}

function ordinal(number) {
  const end = number % 100 > 10 && number % 100 < 14 ? "th" : ["th", "st", "nd", "rd"][number % 10] || "th";
  return `${number}${end}`;
}

function funnel(page, choose) {
  const rows = page.passages.map((one) => {
    const part = (value, kind = "") =>
      bar(value / one.attempts, `${count(value)} (${percent(value / one.attempts)})`, kind);
    return [
      named(one.round),
      one.attempts,
      part(one.read),
      part(one.answered),
      bar(
        one.accepted / one.attempts,
        `${count(one.accepted)} (${percent(one.accepted / one.attempts)})`,
        "accepted",
        () => choose({ round: String(one.round), outcome: "accepted" }),
      ),
      bar(
        one.verified / one.attempts,
        `${count(one.verified)} (${percent(one.verified / one.attempts)})`,
        "verified",
        () => choose({ round: String(one.round), status: "verified" }),
      ),
    ];
  });
  return table(
    "How many attempts of each round came how far",
    ["round", "attempts", "an instruction was read", "worth an answer, answered", "accepted", "verified"],
    rows,
    { class: "bars" },
  );
}

function reasons(page, choose) {
  const rounds = page.passages.map((one) => one.round);
  const rows = page.rates.map((one) => [
    button(one.reason, () => choose({ reason: one.reason }), { class: "link" }),
    ...rounds.map((round, index) => {
      const known = one.known[index];
      const beside = known === null ? "" : ` (usual ${percent(known)})`;
      return one.counts[index]
        ? bar(
            Math.min(1, one.shares[index] * 5),
            `${count(one.counts[index])} · ${percent(one.shares[index])}${beside}`,
            "rejected",
            () => choose({ reason: one.reason, round: String(round) }),
          )
        : "";
    }),
  ]);
  const heads = ["thrown out for", ...rounds.map((round) => named(round))];
  return [
    rows.length
      ? table("Rejections by reason and round: how many, and their share of the round's attempts", heads, rows, {
          class: "bars",
        })
      : el("p", {}, "Nothing was thrown out."),
    el(
      "p",
      { class: "quiet" },
      "A full bar is a fifth of the attempts. Usual: how often it happened in a public GPT-3.5 run over 2,017 Code ",
      "Alpaca seeds, whether anyone threw it out or not.",
    ),
  ];
}

function operators(page, choose) {
  const found = new Map();
  for (const line of page.summary.rounds) {
    const one = found.get(line.operator) || {
      attempts: 0,
      accepted: 0,
      verified: 0,
      rejected: 0,
      failed: 0,
      reasons: {},
    };
    for (const name of ["attempts", "accepted", "verified", "rejected", "failed"]) one[name] += line[name];
    for (const [reason, number] of Object.entries(line.reasons))
      one.reasons[reason] = (one.reasons[reason] || 0) + number;
    found.set(line.operator, one);
  }
  const rows = [...found].map(([operator, one]) => [
    button(operator, () => choose({ operator }), { class: "link" }),
    one.attempts,
    bar(one.accepted / one.attempts, `${count(one.accepted)} (${percent(one.accepted / one.attempts)})`, "accepted"),
    bar(one.verified / one.attempts, count(one.verified), "verified"),
    bar(one.rejected / one.attempts, `${count(one.rejected)} (${percent(one.rejected / one.attempts)})`, "rejected"),
    one.failed,
    el(
      "span",
      { class: "wide" },
      Object.entries(one.reasons)
        .sort((a, b) => b[1] - a[1])
        .slice(0, 3)
        .map(([reason, number]) => `${reason} ${number}`)
        .join(", "),
    ),
  ]);
  const tables = [
    table(
      "What became of the attempts of each operator",
      ["operator", "attempts", "accepted", "verified", "thrown out", "failed", "most often for"],
      rows,
      { class: "bars" },
    ),
  ];
  const kinds = Object.entries(page.summary.kinds);
  if (kinds.length > 1) {
    tables.push(
      table(
        "The same by kind of task",
        ["kind", "attempts", "accepted", "verified", "thrown out"],
        kinds.map(([kind, one]) => [
          kind,
          one.attempts,
          bar(one.accepted / one.attempts, count(one.accepted), "accepted"),
          bar(one.verified / one.attempts, count(one.verified), "verified"),
          bar(one.rejected / one.attempts, count(one.rejected), "rejected"),
        ]),
        { class: "bars" },
      ),
    );
  }
  return tables;
}

/** What the accepted rows look like. */
function contents(page, choose, open) {
  const found = page.contents;
  if (!found.rounds.length) return el("p", {}, "There are no rows yet.");
  const heads = found.rounds.map((round) => named(round));
  const shares = (one) => one.shares.map((share) => (share ? bar(share, percent(share)) : ""));
  const shape = (title, figure) => [title, ...found.shapes.map(figure)];
  const deep = found.depths.reduce((sum, number) => sum + number, 0);
  return [
    table(
      "Their shape",
      ["", ...heads],
      [
        shape("rows", (one) => one.rows),
        shape("characters of instruction and answer", (one) => one.characters),
        shape("answers with fenced code", (one) => bar(one.fenced, percent(one.fenced))),
        shape("answers of fewer than five words", (one) => bar(one.short, percent(one.short))),
        shape("answers that another row of the round has too", (one) => one.same),
      ],
      { class: "bars" },
    ),
    table(
      "Programming languages: as proven, as the instruction names it, or as the answer's fence does",
      ["language", ...heads],
      found.languages.map((one) => [
        one.name.startsWith("(")
          ? one.name
          : button(one.name, () => choose({ text: one.name, outcome: "accepted" }), { class: "link" }),
        ...shares(one),
      ]),
      { class: "bars" },
    ),
    table(
      "How instructions begin",
      ["first three words", ...heads],
      found.openings.map((one) => [
        button(one.name, () => choose({ text: one.name, outcome: "accepted" }), { class: "link" }),
        ...shares(one),
      ]),
      { class: "bars" },
    ),
    table(
      "How far each seed has come",
      ["accepted evolutions", "seeds"],
      found.depths.map((number, depth) => [
        String(depth),
        bar(number / deep, `${count(number)} (${percent(number / deep)})`),
      ]),
      { class: "bars" },
    ),
    found.method.rows
      ? table(
          "Words of the method in accepted evolutions: each may be a leak that got through, or belong to the task",
          ["words", "rows", "for example"],
          found.method.words.map((one) => [
            one.name,
            one.count,
            one.keys.map((key) => [button(key, () => open(key), { class: "link" }), " "]),
          ]),
        )
      : el("p", {}, "No accepted evolution has words of the method in it that are looked for here."),
  ];
}

/** What each round says of evolving itself, and where that, or somebody's own measure, ended the run. */
function rounds(page) {
  const { scores, ended } = page.summary;
  if (!page.proxies.length) return el("p", {}, "Nothing was evolved yet.");
  const part = (share, kind = "") => (share === null ? "" : bar(share, percent(share), kind));
  const columns = [
    ["accepted", (one) => part(one.acceptance, "accepted")],
    ["more than the parent, says the judge", (one) => part(one.gain)],
    ["distance", (one) => one.distance ?? ""],
    ["leaks", (one) => part(one.leaks, "rejected")],
    ["benchmark items", (one) => part(one.contamination, "rejected")],
    ["Evol Stop's score", (one) => scores[one.round - 1] ?? ""],
  ].filter(([, figure]) => page.proxies.some((one) => figure(one) !== ""));
  // the round that a lower score took out of the data is in no other figure
  const dropped = scores.slice(page.proxies.length).map((score, at) => [page.proxies.length + at + 1, score]);
  return [
    ended ? el("p", { id: "ended" }, `The run ended early: ${ended}.`) : null,
    table(
      "What each round says of evolving",
      ["round", ...columns.map(([head]) => head)],
      page.proxies.map((one) => [named(one.round), ...columns.map(([, figure]) => figure(one))]),
      { class: "bars" },
    ),
    dropped.map(([round, score]) =>
      el("p", { class: "quiet" }, `${named(round)} is not in the data; its score was ${count(score)}.`),
    ),
    el(
      "p",
      { class: "quiet" },
      "Shares of the round's attempts; the judge's is of what it decided on. Distance: 1 - cosine to the nearest ",
      "instruction of another lineage before it, as the run's duplicate check measured it; a tenth of the accepted are ",
      "nearer. Leaks were thrown out for it, or hold words of the method. The setting target.stop_when ends a run by these.",
    ),
  ];
}

function proofs(page, choose) {
  const { summary } = page;
  if (!page.proofs.length)
    return el("p", {}, "No answer was put to a trial: no tester is named, or --no-exec was given.");
  const rows = page.proofs.map((one) => [
    button(one.status, () => choose({ status: one.status }), { class: "link" }),
    one.tier,
    one.language || "none",
    one.count,
    one.assertions ?? "",
    one.mutation === null ? "" : percent(one.mutation),
    one.pass_rate === null ? "" : percent(one.pass_rate),
    one.repaired || "",
  ]);
  const whys = Object.entries(summary.unverified).map(([why_, number]) => [
    button(why_ || "no reason given", () => choose({ status: "unverified", text: why_.slice(0, 80) }), {
      class: "link",
    }),
    number,
  ]);
  return [
    table(
      "Trials of answers, by what held the code and its language",
      [
        "outcome",
        "held by",
        "language",
        "answers",
        "assertions, median",
        "broken versions caught, median",
        "answers that pass, mean",
        "repaired",
      ],
      rows,
    ),
    whys.length ? table("Why accepted answers are unverified", ["why", "answers"], whys) : null,
  ];
}

function cost(page) {
  const { summary, moments } = page;
  const rows = Object.entries(summary.usage).map(([step, one]) => [
    step,
    one.calls,
    one.asked - one.calls,
    one.prompt_tokens,
    one.completion_tokens,
    dollars(one.usd),
  ]);
  const per = (figure) => moments.map((one) => [one.seconds, figure(one) ?? 0]);
  const plots = [];
  if (moments.length > 2) {
    plots.push(
      curves("Attempts that came to a fate", "Over all starts of the run.", [
        ["accepted", per((one) => one.accepted)],
        ["thrown out", per((one) => one.rejected)],
        ["failed", per((one) => one.failed)],
      ]),
      curves("Accepted a minute, and calls under way", "Looked at every half minute.", [
        ["accepted a minute", per((one) => one.per_minute)],
        ["calls under way", per((one) => one.in_flight)],
      ]),
    );
    if (moments.some((one) => one.usd))
      plots.push(curves("Cost", "In US dollars, over all starts.", [["paid", per((one) => one.usd)]]));
  }
  const more_ = summary.broken_off.tries
    ? ` ${count(summary.broken_off.tries)} tries broke off and may have been billed: ` +
      `${count(summary.broken_off.tokens)} tokens at most.`
    : "";
  const rate = summary.seconds
    ? `${count(Math.round((60 * summary.accepted) / summary.seconds))} accepted a minute on average.`
    : "";
  return [
    table("Calls by step", ["step", "calls", "asked again", "tokens sent", "tokens received", "cost"], rows),
    el("p", {}, rate, more_),
    plots.length
      ? el("div", { class: "grid" }, plots)
      : el("p", { class: "quiet" }, "The run was too short for curves: its log has a line every half minute."),
  ];
}

function made(page) {
  const rows = Object.entries(page.identity).map(([name, value]) => [name, value]);
  return more(
    `All ${rows.length} settings that decided what came out`,
    table("Addresses, keys and speeds are not among them", ["setting", "value"], rows),
  );
}
