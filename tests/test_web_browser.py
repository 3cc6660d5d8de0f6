"""The page in a real browser: what a click does, on a phone and a desk, light and dark, with hostile rows in it."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from evolve.records import Finding, Proof, Verdict
from evolve.web import write_report
from tests.browsers import MISSING, Complaints, browser
from tests.runs import VERIFIED, add, child, id_of, plain_run, text, write
from tests.test_web_page import HOSTILE
from tests.test_web_server import viewing

if not MISSING:
    from playwright.sync_api import expect
if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.skipif(bool(MISSING), reason=MISSING)]
SIZES = {"desk": (1280, 900), "phone": (390, 844)}
KEPT = """one => [...one.childNodes].filter((part) => part.nodeName !== 'DEL')
    .map((part) => (part.lastChild ?? part).data).join('')"""
"""What a diff shows but for what went."""
CHANGED = "Return the sum of all even numbers."


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as one:
        yield one


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page with everything on it."""
    fates = [fate for fate in plain_run(40) if (fate.attempt.round, fate.attempt.index) not in {(0, 0), (1, 0), (2, 0)}]
    seen = Finding("no_gain", 3, Verdict.ACCEPT, scores={"ratio": 0.5, "new_words": 4.0})
    repaired = Proof("verified", tier="wasm", language="python", tests="assert f([2]) == 2", repairs=1, failing="x = 2")
    fates += [
        child(0, 0, "Return the sum of all numbers.", proof=VERIFIED),
        child(1, 0, "Return the sum of all numbers. Again.", reason="no_gain"),
        child(2, 0, CHANGED, answer="x = 1", parent=id_of(0, 0), findings=[seen], proof=repaired),
    ]
    run = write(tmp_path_factory.mktemp("runs") / "run", fates)
    (run / "log.jsonl").write_text(
        '{"time": 0, "event": "start"}\n'
        + "".join(f'{{"time": {t}, "event": "figures", "accepted": {t}, "usd": {t / 10}}}\n' for t in (30, 60, 90)),
        encoding="utf-8",
    )
    write_report(run, run / "report.html")
    return (run / "report.html").as_uri()


class Opened:
    """Opens pages, and says at the end what they complained of."""

    def __init__(self, chromium: Browser) -> None:
        self._chromium = chromium
        self.complaints = Complaints()

    def __call__(self, url: str, size: str = "desk", scheme: Any = "light") -> Page:  # noqa: ANN401
        width, height = SIZES[size]
        context = self._chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        page = context.new_page()
        self.complaints.watch(page)
        page.goto(url)
        page.wait_for_selector("html[data-ready]")
        return page


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Opened]:
    """Fails where a page had an error, broke its policy, opened a dialog or asked the network for anything."""
    one = Opened(chromium)
    yield one
    for context in chromium.contexts:
        context.close()
    assert one.complaints.said == []


def test_the_figures_and_all_parts_are_there(opened: Opened, report: str) -> None:
    page = opened(report)
    assert page.locator("h1").inner_text() == "run"
    assert page.locator(".tiles dd").first.inner_text().strip() == "40"
    assert page.locator("main > section > h2").count() == page.locator("#parts a").count()
    assert all(page.locator(f"#{id_} > div > *").count() for id_ in ("good", "funnel", "map", "pairs", "cost", "made"))


def test_filters_and_words_narrow_the_samples(opened: Opened, report: str) -> None:
    page = opened(report)
    expect(page.locator("#found")).to_have_text("20 shown of 120")
    page.get_by_label("Round", exact=True).select_option("2")
    expect(page.locator("#found")).to_have_text("20 shown of 40")
    page.get_by_label("Reason", exact=True).select_option("no_gain")
    expect(page.locator("#found")).to_have_text("Nothing suits.")
    page.get_by_role("button", name="All", exact=True).click()
    page.get_by_label("Words in instruction").fill("EVEN numbers")
    expect(page.locator("#samples .result")).to_have_count(1)
    assert CHANGED in page.locator("#samples .result").inner_text()


def test_more_samples_come_when_asked_for(opened: Opened, report: str) -> None:
    page = opened(report)
    page.locator("#samples").get_by_role("button", name="Show more").click()
    expect(page.locator("#samples .result")).to_have_count(40)
    keys = page.locator("#samples .result").evaluate_all("all => all.map((one) => one.dataset.key)")
    assert len(set(keys)) == 40


def test_a_figure_leads_to_its_samples(opened: Opened, report: str) -> None:
    page = opened(report)
    page.locator("#reasons").get_by_role("button", name="no_gain", exact=True).click()
    expect(page.locator("#found")).to_have_text("1 shown of 1")
    assert page.get_by_label("Reason", exact=True).input_value() == "no_gain"


def test_a_sample_shows_its_lineage_and_what_changed(opened: Opened, report: str) -> None:
    page = opened(report)
    page.get_by_label("Words in instruction").fill("even numbers")
    expect(page.locator("#samples .result")).to_have_count(1)
    page.locator("#samples .result").click()
    sample = page.get_by_role("dialog")
    tree = sample.get_by_role("navigation", name="Lineage")
    assert tree.get_by_role("button").count() == 3
    assert "no_gain" in tree.inner_text()
    assert "add_constraint" in tree.locator("[aria-current]").inner_text()
    changed = sample.locator(".chosen")
    assert changed.locator("ins").first.evaluate("one => one.lastChild.textContent").strip() == "even"
    assert changed.locator(".text").first.evaluate(KEPT) == CHANGED
    assert "new_words 4" in changed.inner_text()
    changed.get_by_text("The tests that were run").click()
    assert "assert f([2]) == 2" in changed.inner_text()
    tree.get_by_role("button").first.click()
    expect(page.locator(".step")).to_have_count(1)
    page.keyboard.press("Escape")
    assert not sample.is_visible()


@pytest.mark.parametrize(
    ("before", "after", "new"),
    [
        ("", "", ""),
        ("", "all of it", "all of it"),
        ("all of it", "", ""),
        ("Sort a list.", "Sort a long list.", "long "),
        ("Sort a list.", "Sort a list. Then print it.", " Then print it."),
        ("a b c d", "a x y d", "x y"),
        ("排序列表", "排序长列表", "排序长列表"),
        ("one\n" * 3000, "one\n" * 2999 + "two\n", "two\n"),
        ("\n".join(map(str, range(3000))), "\n".join(map(str, range(3000, 0, -1))), None),
    ],
    ids=["nothing", "from nothing", "to nothing", "inside", "behind", "two words", "no spaces", "long", "too long"],
)
def test_a_diff_holds_both_texts(opened: Opened, report: str, before: str, after: str, new: str | None) -> None:
    pieces = opened(report).evaluate("([before, after]) => difference(before, after)", [before, after])
    if new is None:
        assert pieces is None
        return
    assert "".join(piece for sign, piece in pieces if sign in " -") == before
    assert "".join(piece for sign, piece in pieces if sign in " +") == after
    assert "".join(piece for sign, piece in pieces if sign == "+").strip() == new.strip()


def test_a_sample_can_be_linked_to(opened: Opened, report: str) -> None:
    page = opened(f"{report}#sample=2.0")
    assert CHANGED.split(maxsplit=1)[0] in page.get_by_role("dialog").inner_text()


def test_duplicates_stand_beside_what_they_repeat(opened: Opened, report: str) -> None:
    page = opened(report)
    pair = page.locator("#pairs article").first
    assert pair.locator(".text").count() == 2
    assert pair.locator("ins").count()
    pair.get_by_role("button").first.click()
    assert page.get_by_role("dialog").is_visible()


def test_the_map_tells_and_opens_what_is_pointed_at(opened: Opened, report: str) -> None:
    page = opened(report)
    canvas = page.locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    for step in range(400):
        page.mouse.move(box["x"] + box["width"] * (step % 20) / 20, box["y"] + box["height"] * (step // 20) / 20)
        if page.locator(".tip").is_visible():
            break
    assert "round" in page.locator(".tip").inner_text()
    page.mouse.down()
    page.mouse.up()
    page.get_by_role("dialog").wait_for()


def test_the_map_can_be_walked_and_coloured_by_keys(opened: Opened, report: str) -> None:
    page = opened(report)
    page.locator("canvas").focus()
    page.keyboard.press("ArrowRight")
    said = page.locator("#said").inner_text()
    page.keyboard.press("ArrowRight")
    assert said.startswith("round ")
    assert page.locator("#said").inner_text() != said
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")
    page.get_by_label("Colour by").select_option("outcome")
    assert "accepted (" in page.locator("#map .legend").inner_text()


def test_the_map_is_a_table_too(opened: Opened, report: str) -> None:
    page = opened(report)
    page.locator("#map summary").click()
    rows = page.locator("#map tbody tr")
    assert rows.count() == 20
    page.locator("#map").get_by_role("button", name="Next").click()
    assert page.locator("#map caption").inner_text().startswith("Points 21 to 40 of")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_are_as_the_system_wants_and_can_be_switched(opened: Opened, report: str, scheme: str) -> None:
    page = opened(report, scheme=scheme)
    ground = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(ground)
    assert (sum(map(int, before[4:-1].split(", "))) > 384) is (scheme == "light")
    switch = page.get_by_role("button", name="Dark", exact=True)
    assert switch.get_attribute("aria-pressed") == str(scheme == "dark").lower()
    switch.click()
    assert page.evaluate(ground) != before


@pytest.mark.parametrize("size", SIZES)
def test_nothing_runs_out_of_the_screen(opened: Opened, report: str, size: str) -> None:
    page = opened(report, size)
    assert page.evaluate("document.documentElement.scrollWidth") == SIZES[size][0]
    page.locator("#samples .result").first.click()
    assert page.get_by_role("dialog").evaluate("one => one.scrollWidth <= one.clientWidth")


@pytest.mark.skipif(importlib.util.find_spec("axe_playwright_python") is None, reason="no axe-playwright-python")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_roles_labels_and_contrast_suit_everyone(opened: Opened, report: str, size: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = opened(report, size, scheme)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    for _ in ("page", "sample"):
        seen = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in seen] == []
        page.locator("#samples .result").first.evaluate("one => one.click()")
        page.get_by_role("dialog").wait_for()


def test_hostile_rows_do_nothing(opened: Opened, tmp_path: Path) -> None:
    large = "x" * 1_000_000 + HOSTILE[0]
    fates = [child(0, i, f"{said} task {i}", answer=said, model=said, operator=said) for i, said in enumerate(HOSTILE)]
    fates += [
        child(1, i, f"{text(1, i)} {said}", answer=large, findings=[Finding(said, 1, Verdict.UNDECIDED, detail=said)])
        for i, said in enumerate(HOSTILE)
    ]
    fates += [
        child(2, i, f"{said} task {i}", reason="duplicate", nearest=id_of(0, i)) for i, said in enumerate(HOSTILE)
    ]
    run = write(tmp_path / "run", fates)
    write_report(run, run / "report.html")
    page = opened((run / "report.html").as_uri())
    for key in page.locator("#samples .result").evaluate_all("all => all.map((one) => one.dataset.key)"):
        page.locator(f"#samples .result[data-key='{key}']").click()
        page.get_by_role("dialog").wait_for()
        page.keyboard.press("Escape")
    shown = page.locator("body").evaluate("one => one.innerText")
    assert page.title() == "run · evolve"
    assert page.evaluate("document.querySelectorAll('img, svg[onload], #main script').length") == 0
    assert "␛]0;owned" in shown
    assert "⟨U+202E⟩" in shown
    assert not {"\x1b", "\u202e", "\u2066", "\x07"} & set(page.content())


def test_a_run_that_goes_on_grows_on_the_page(opened: Opened, tmp_path: Path) -> None:
    run = write(tmp_path / "run", plain_run(20, 0), finished=False)
    with viewing(run) as url:
        page = opened(url)
        assert page.locator("#state").inner_text() == "not finished"
        assert page.locator(".tiles dd").nth(1).inner_text().startswith("20")
        page.get_by_label("Verdict", exact=True).select_option("rejected")
        add(run, [fate for fate in plain_run(20, 1) if fate.attempt.round == 1])
        expect(page.locator("#found")).to_have_text("4 shown", timeout=60_000)
        assert page.locator("#funnel tbody tr").count() == 2
        page.locator("#samples .result").first.click()
        expect(page.get_by_role("dialog").locator("ins")).not_to_have_count(0)
        page.goto("about:blank")  # or the end of the server would be an error of the page


def test_a_page_whose_server_comes_back_is_not_old(chromium: Browser, tmp_path: Path) -> None:
    run = write(tmp_path / "run", plain_run(20, 0), finished=False)
    page = chromium.new_page()
    with viewing(run) as url:
        page.goto(url)
        page.wait_for_selector("html[data-ready]")
    expect(page.locator("#state")).to_contain_text("not connected", timeout=60_000)
    add(run, [fate for fate in plain_run(20, 1) if fate.attempt.round == 1])
    with viewing(run, urlsplit(url).port):
        expect(page.locator("#state")).to_have_text("not finished", timeout=60_000)
        expect(page.locator("#funnel tbody tr")).to_have_count(2)
        page.close()


def test_runs_are_chosen_and_compared(opened: Opened, tmp_path: Path) -> None:
    write(tmp_path / "one", plain_run(10))
    write(tmp_path / "two", plain_run(20))
    with viewing(tmp_path) as url:
        page = opened(url)
        for name in ("one", "two"):
            page.get_by_label(f"Compare {name}").check()
        page.get_by_role("button", name="Compare those chosen").click()
        page.get_by_role("heading", name="Side by side").wait_for()
        assert "teacher.evolver.model" in page.locator("#compared").inner_text()
        assert page.locator("#compared table").nth(1).locator("tbody tr").count() == 12
        page.get_by_role("link", name="two").click()
        page.wait_for_selector("html[data-ready] .tiles")
        assert page.locator("h1").inner_text() == "two"
        page.goto("about:blank")
