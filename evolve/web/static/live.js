// The same page over a run that goes on: asked again whenever the server says that there is more.

async function live(run) {
  const source = new Live(run);
  const page = await source.ask("data");
  const shown = new Page(source);
  document.addEventListener("theme", () => shown.plane.paint());
  shown.figures(page);
  await shown.samples(page);
  const events = new EventSource(`/runs/${encodeURIComponent(run)}/events`);
  events.addEventListener("more", async () => {
    shown.figures(await source.ask("data"));
    shown.plane.show(await source.points());
    if (!shown.browser.list.contains(document.activeElement)) await shown.browser.search();
  });
  events.addEventListener("error", () => {
    document.getElementById("state").textContent = "the server is gone";
  });
  return ready(shown);
}
