"""The convnet designer: what hwlib says of a network that a reader stacks in the page.

This runs in the page, in Pyodide, and in the build, which draws the still figure with it. All mathematics is
hwlib's; what is here reads what the reader typed and writes what hwlib answers.
"""

import json

from .arithmetic import sums, written_out
from .drawing import drawn, legend
from .field import field_of
from .networks import NETWORKS, as_typed
from .typing_in import KINDS, STARTING_OPTIONS, options_of, understood

DISTRIBUTIONS = ()  # hwlib.convnets needs no other
TABLE = '<div class="playground-still" tabindex="0" role="region" aria-label="The network layer by layer">'
FIELD = '<div class="playground-still">'


def catalogue(_: str = "") -> str:
    """Say in JSON which layers there are, with their options, and which networks to begin with."""
    kinds = [
        {"kind": name, "options": options_of(kind), "start": STARTING_OPTIONS[name]}
        for name, kind in KINDS.items()
    ]
    return json.dumps({"kinds": kinds, "networks": [as_typed(network) for network in NETWORKS]})


def answer(request: str) -> str:
    """Say in JSON what hwlib says of the network that a JSON request describes."""
    asked = json.loads(request)
    network = understood(asked["input"], asked["layers"])
    rows = network.summary.rows if network.summary else ()
    selected = asked["selected"]
    answered = {
        "rows": [shown(row) for row in rows],
        "total": shown_total(network.summary) if network.summary and not network.errors else None,
        "errors": [{"layer": position, "words": words} for position, words in network.errors.items()],
        "arithmetic": [],
        "field": None,
    }
    if 0 < selected < len(rows):
        layer = network.layers[selected - 1]
        answered["arithmetic"] = written_out(layer, rows[selected - 1], rows[selected])
    elif selected == len(asked["layers"]) + 1 and answered["total"]:
        answered["arithmetic"] = sums(network.summary)
    last = min(selected, len(rows) - 1)
    if last >= 0:
        field = field_of(network.layers[:last], rows[: last + 1], asked["place"], asked["pixel"])
        answered["field"] = {
            "words": field.words,
            "legend": legend(field) if field.is_drawn else "",
            "drawing": drawn(field) if field.is_drawn else "",
            "place": field.place,
            "places": field.places,
            "layer": last,
        }
    return json.dumps(answered)


def still(network: str, first: str = "table") -> str:
    """Return a network's table, or the drawing of what its last image's middle neuron sees, in HTML."""
    chosen = next(one for one in NETWORKS if one.name == network)
    typed = as_typed(chosen)
    summary = understood(typed["input"], typed["layers"]).summary
    if first == "table":
        return f"{TABLE}{summary._repr_html_()}</div>"  # by keyboard too, where it is wider than the screen
    images = [k for k, row in enumerate(summary.rows) if len(row.output_shape) == 3]
    field = field_of(chosen.layers[: images[-1]], summary.rows[: images[-1] + 1], None, None)
    return f"{FIELD}{drawn(field)}</div>"


def shown(row) -> dict[str, str]:
    """A row of hwlib's table as it is shown."""
    return {
        "layer": row.layer,
        "output_shape": " × ".join(f"{length:,}" for length in row.output_shape),
        "parameters": f"{row.parameters:,}",
        "neurons": f"{row.neurons:,}",
        "multiply_adds": f"{row.multiply_adds:,}",
        "receptive_field": size_text(row.receptive_field),
        "stride": size_text(row.stride),
    }


def shown_total(summary) -> dict[str, str]:
    """The totals as they are shown."""
    counts = ("parameters", "neurons", "multiply_adds")
    return {count: f"{getattr(summary, count):,}" for count in counts}


def size_text(size: int | tuple[int, int] | None) -> str:
    """A size as it is shown: one number if height and width agree."""
    if size is None:
        return "–"
    return f"{size:,}" if isinstance(size, int) else " × ".join(f"{length:,}" for length in size)
