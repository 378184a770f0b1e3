"""What the environment reports in `info`, as metrics for the `eval` part of a config."""

HEADING_ERROR = {"info_key": "heading_error", "direction": "lower", "unit": "rad", "range": [0.0, 3.15]}
RUDDER_TRAVEL = {
    "info_key": "rudder_travel",
    "direction": "lower",
    "unit": "",
    "range": [0.0, None],
    "aggregation": "sum",
}
