// The same page over a run that goes on: asked again whenever the server says that there is more.

async function live(run) {
  const source = new Live(run);
  const page = await source.ask("data");
  const shown = new Page(source);
  document.querySelector("header").append(el("a", { class: "home", href: "/" }, "All runs"));
  document.addEventListener("theme", () => shown.plane.paint());
  shown.figures(page);
  await shown.samples(page);
  const state = document.getElementById("state");
  let lost = false;
  const lose = () => {
    lost = true;
    state.textContent = "not connected; what is shown may be old";
  };
  const renew = async () => {
    shown.figures(await source.ask("data"));
    shown.plane.show(await source.points());
    if (!shown.browser.list.contains(document.activeElement)) await shown.browser.search();
    announce(`${state.textContent}, there is more`);
  };
  const events = new EventSource(`${source.path}/events`);
  events.addEventListener("more", () => renew().catch(lose));
  events.addEventListener("error", lose);
  events.addEventListener("open", () => {
    if (lost) renew().catch(lose); // there may be more that was told to nobody
    lost = false;
  });
  return ready(shown);
}
