"""What the gallery has noted, and what its fields hold."""

from typing import Any

from playwright.sync_api import Page

Json = dict[str, Any]


def logged(page: Page, kind: str) -> list[Json]:
    found: list[Json] = page.evaluate("kind => gallery.log.filter(one => one.kind === kind)", kind)
    return [{name: value for name, value in one.items() if name != "kind"} for one in found]


def state(page: Page, sample: str) -> Json:
    result: Json = page.evaluate(
        "name => gallery.blocks.readState(document.querySelector(`[data-sample=${name}]`))", sample
    )
    return result
