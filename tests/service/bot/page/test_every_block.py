"""The gallery shows whatever the checks accept, and what they do not know is a labelled box."""

import json
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

import bot.playground
from bot.playground.checks.messages import check_attachments, check_blocks
from bot.playground.checks.schema import Facts
from bot.playground.checks.views import check_view
from tests.service.bot.page.conftest import open_gallery, watched_page
from tests.service.bot.page.known_types import Json, known_types, types_in
from tests.service.bot.playground.conftest import Running

SAMPLES = Path(str(bot.playground.__file__)).parent / "static" / "gallery" / "samples"
FACTS = Facts(image_is_ready=lambda _file_id: True)
TITLE = {"type": "plain_text", "text": "Title"}


def samples() -> list[Json]:
    found = [sample for path in sorted(SAMPLES.glob("*.json")) for sample in json.loads(path.read_text())]
    return [sample for sample in found if sample["name"] != "unknown"]


def test_there_is_a_sample_of_every_type_that_the_checks_know() -> None:
    types = known_types()
    assert {"section", "alert", "container", "icon_button", "raw_number", "pie", "broadcast"} <= types
    assert types - types_in(samples()) == set()


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: str(sample["name"]))
def test_slack_would_take_every_sample(sample: Json) -> None:
    check_attachments(sample.get("attachments", []), FACTS)
    blocks = sample.get("blocks", [])
    if sample["surface"] == "message":
        check_blocks(blocks, FACTS)
    else:
        more = {"title": TITLE, "submit": TITLE} if sample["surface"] == "modal" else {}
        check_view({"type": sample["surface"], "blocks": blocks, **more}, sample["surface"], FACTS)


def test_every_sample_is_drawn_and_nothing_in_it_is_unknown(gallery: Page) -> None:
    for sample in samples():
        box = gallery.locator(f'[data-sample="{sample["name"]}"]')
        assert box.locator(".unknown").all_text_contents() == [], sample["name"]
        shown = box.locator(":scope > .blocks > [data-block-type]")
        names = [one.get_attribute("data-block-type") for one in shown.all()]
        assert names == [block["type"] for block in sample.get("blocks", [])]
        assert all((one.bounding_box() or {"height": 0})["height"] > 0 for one in shown.all())


def test_no_list_is_there_before_it_is_opened(gallery: Page) -> None:
    assert gallery.locator(".popup:visible").count() == 0


def test_every_element_says_its_type_and_its_action(gallery: Page) -> None:
    drawn = gallery.locator("[data-action-id]").evaluate_all("all => all.map(one => one.dataset.elementType)")
    elements = {
        element["type"]
        for sample in samples()
        for block in sample.get("blocks", [])
        for element in [block.get("element"), block.get("accessory"), *block.get("elements", [])]
        if element and "action_id" in element
    }
    assert elements - set(drawn) == set()


def test_what_is_not_known_is_a_box_with_its_json(gallery: Page) -> None:
    boxes = gallery.locator('[data-sample="unknown"] [role="note"]')
    assert [one.locator(".unknown-words").text_content() for one in boxes.all()] == [
        "Block “hologram” is not known to the playground",
        "Block element “lever” is not known to the playground",
        "Block “section” could not be shown: a section needs text or fields",
        "Rich text element “smell” is not known to the playground",
    ]
    boxes.first.locator("summary").click()
    assert json.loads(boxes.first.locator("pre").inner_text()) == {
        "type": "hologram",
        "block_id": "u.block",
        "beam": 3,
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_accessibility_check_finds_nothing_serious(
    browser: Browser, gallery_playground: Running, scheme: Literal["light", "dark"]
) -> None:
    # axe-core styles the page while it looks, which the page's own policy forbids.
    with watched_page(browser, bypass_csp=True, color_scheme=scheme) as page:
        found = Axe().run(open_gallery(page, gallery_playground)).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert [(one["id"], node["html"]) for one in serious for node in one["nodes"]] == []


@pytest.mark.parametrize("width", [1280, 600, 360])
def test_nothing_runs_over_the_side_of_the_page(gallery: Page, width: int) -> None:
    gallery.set_viewport_size({"width": width, "height": 900})
    over = gallery.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0
