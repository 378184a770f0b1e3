"""Tables and charts."""

from bot.playground import limits
from bot.playground.checks.rich_text import RICH_TEXT
from bot.playground.checks.schema import (
    Check,
    Problems,
    array,
    boolean,
    by_type,
    enum,
    integer,
    number,
    record,
    string,
)
from bot.playground.checks.texts import BLOCK_ID

_BLOCK: dict[str, Check] = {"type": string(), "block_id": BLOCK_ID}
_RAW_TEXT = record({"type": string(), "text": string(at_least=1)}, required=("text",))
_RAW_NUMBER = record({"type": string(), "value": number, "text": string()}, required=("value",))
_CELL = by_type({"raw_text": _RAW_TEXT, "raw_number": _RAW_NUMBER, "rich_text": RICH_TEXT})
_HEADER_CELL = by_type({"raw_text": _RAW_TEXT, "raw_number": _RAW_NUMBER})


def _column_setting(value: object, at: str, problems: Problems) -> None:
    if value is not None:  # null leaves a column as it is
        record({"align": enum("left", "center", "right"), "is_wrapped": boolean})(value, at, problems)


TABLE = record(
    {
        **_BLOCK,
        "rows": array(
            array(_CELL, at_least=1, at_most=limits.TABLE_COLUMNS.number),
            at_least=1,
            at_most=limits.TABLE_ROWS.number,
        ),
        "column_settings": array(_column_setting, at_most=limits.TABLE_COLUMNS.number),
    },
    required=("rows",),
)


def _rectangular(value: object, at: str, problems: Problems) -> None:
    assert isinstance(value, dict)
    rows = value.get("rows")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, list) for row in rows):
        return
    for index, row in enumerate(rows):
        if len(row) != len(rows[0]):
            problems.add(f"{at}/rows/{index}", "all rows must have the same number of cells")
    for column, cell in enumerate(rows[0]):
        _HEADER_CELL(cell, f"{at}/rows/0/{column}", problems)


def data_table(button: Check) -> Check:
    """A data table; `button` checks the element of an action cell."""
    action = record({"type": string(), "element": by_type({"button": button})}, required=("element",))
    cell = by_type(
        {"raw_text": _RAW_TEXT, "raw_number": _RAW_NUMBER, "rich_text": RICH_TEXT, "action_cell": action}
    )
    row = array(cell, at_least=1, at_most=limits.DATA_TABLE_COLUMNS.number)
    return record(
        {
            **_BLOCK,
            "caption": string(at_least=1),
            "rows": array(row, at_least=2, at_most=limits.DATA_TABLE_ROWS.number),
            "page_size": integer(1, limits.DATA_TABLE_PAGE.number),
            "row_header_column_index": integer(0),
        },
        required=("caption", "rows"),
        also=(_rectangular,),
    )


_POINT = record(
    {"label": string(at_least=1, at_most=limits.CHART_NAME), "value": number}, required=("label", "value")
)
_SERIES = array(
    record(
        {
            "name": string(at_least=1, at_most=limits.CHART_NAME),
            "data": array(_POINT, at_least=1, at_most=limits.CHART_POINTS.number),
        },
        required=("name", "data"),
    ),
    at_least=1,
    at_most=limits.CHART_SERIES.number,
)
_AXES = record(
    {
        "categories": array(
            string(at_least=1, at_most=limits.CHART_NAME), at_least=1, at_most=limits.CHART_POINTS.number
        ),
        "x_label": string(at_most=limits.CHART_AXIS),
        "y_label": string(at_most=limits.CHART_AXIS),
    },
    required=("categories",),
)


def _every_category(value: object, at: str, problems: Problems) -> None:
    """Every series must have a point for every category."""
    assert isinstance(value, dict)
    axes, series = value.get("axis_config"), value.get("series")
    if not isinstance(axes, dict) or not isinstance(series, list):
        return
    categories = axes.get("categories")
    if not isinstance(categories, list):
        return
    for index, line in enumerate(series):
        points = line.get("data") if isinstance(line, dict) else None
        labels = [p.get("label") for p in points if isinstance(p, dict)] if isinstance(points, list) else []
        if sorted(map(str, labels)) != sorted(map(str, categories)):
            problems.add(f"{at}/series/{index}/data", "must have one point for every category")


_LINES = record(
    {"type": string(), "series": _SERIES, "axis_config": _AXES},
    required=("series", "axis_config"),
    also=(_every_category,),
)
_PIE = record(
    {"type": string(), "segments": array(_POINT, at_least=1, at_most=limits.CHART_SERIES.number)},
    required=("segments",),
)
DATA_VISUALIZATION = record(
    {
        **_BLOCK,
        "title": string(at_least=1, at_most=limits.CHART_TITLE),
        "chart": by_type({"line": _LINES, "bar": _LINES, "area": _LINES, "pie": _PIE}),
    },
    required=("title", "chart"),
)
