"""What the gallery has noted, what its fields hold, and typing without a pause."""

from typing import Any

from playwright.sync_api import Locator, Page

Json = dict[str, Any]


def logged(page: Page, kind: str) -> list[Json]:
    found: list[Json] = page.evaluate("kind => gallery.log.filter(one => one.kind === kind)", kind)
    return [{name: value for name, value in one.items() if name != "kind"} for one in found]


def state(page: Page, sample: str) -> Json:
    result: Json = page.evaluate(
        "name => gallery.blocks.readState(document.querySelector(`[data-sample=${name}]`))", sample
    )
    return result


def type_at_once(field: Locator, text: str) -> None:
    """Type character by character with no time between: however slow the machine, it is one burst."""
    field.evaluate(
        """(field, text) => {
          for (let end = 1; end <= text.length; end += 1) {
            field.value = text.slice(0, end);
            field.dispatchEvent(new InputEvent("input", { bubbles: true }));
          }
        }""",
        text,
    )
