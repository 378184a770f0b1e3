"""Charts of ordinary and of awkward numbers."""

import pytest
from playwright.sync_api import Page, expect

from tests.service.bot.page.reading import Json

DRAW = """
chart => {
  const block = { type: "data_visualization", block_id: "c", title: "Odd", chart };
  const root = gallery.blocks.renderBlocks([block], gallery.makeContext({ surface: "message" }));
  document.querySelector("#samples").replaceChildren(root);
}
"""


def points(*values: float) -> list[Json]:
    return [{"label": str(index), "value": value} for index, value in enumerate(values)]


@pytest.mark.parametrize("kind", ["line", "area", "bar"])
@pytest.mark.parametrize(
    "values",
    [(5.0,), (0.0, 0.0), (7.0, 7.0, 7.0), (-3.0, -1.0), (1e-9, 2e-9), (1e12, -1e12), tuple(range(20))],
    ids=str,
)
def test_every_number_has_a_place_inside_the_picture(
    drawing: Page, kind: str, values: tuple[float, ...]
) -> None:
    axes = {"categories": [str(index) for index in range(len(values))]}
    series = [{"name": "s", "data": points(*values)[::-1]}]  # points come in any order
    drawing.evaluate(DRAW, {"type": kind, "series": series, "axis_config": axes})
    picture = drawing.locator(".chart-picture")
    html = picture.evaluate("one => one.outerHTML")
    assert "NaN" not in html
    assert "Infinity" not in html
    marks = picture.locator(".chart-dot, .chart-bar")
    assert marks.count() == len(values)
    around = picture.bounding_box()
    assert around is not None
    for mark in marks.all():
        box = mark.bounding_box()
        assert box is not None
        assert around["y"] - 1 <= box["y"] <= box["y"] + box["height"] <= around["y"] + around["height"] + 1
        assert around["x"] <= box["x"] <= around["x"] + around["width"]


@pytest.mark.parametrize("values", [(1.0,), (0.0, 0.0), (3.0, 1.0, 0.0)], ids=str)
def test_a_pie_of_one_piece_or_of_nothing(drawing: Page, values: tuple[float, ...]) -> None:
    drawing.evaluate(DRAW, {"type": "pie", "segments": points(*values)})
    assert drawing.locator(".chart-slice").count() == len(values)
    assert "NaN" not in drawing.locator(".chart-picture").evaluate("one => one.outerHTML")
    whole = sum(values) or 1
    shares = [f"{index} · {round(100 * value / whole)} %" for index, value in enumerate(values)]
    expect(drawing.locator(".legend li")).to_have_text(shares)


def test_a_chart_of_another_kind_is_a_labelled_box(drawing: Page) -> None:
    drawing.evaluate(DRAW, {"type": "radar"})
    expect(drawing.get_by_role("note")).to_contain_text("Chart “radar” is not known to the playground")
