"""Networks whose paths branch and join: what they cost, and what a position sees along each path.

A graph is a list of named layers, each with the names of those it reads. As in `hwlib.convnets`, everything
follows from the layers' options, and no array library is needed. `summarize` and `receptive_field` of that
module take graphs.

- ``_layers``: joins, transposed layers and what else a chain has no need of;
- ``_graphs``: graphs, and what their positions see;
- ``_published``: networks that were published;
- ``_reading``, ``_torch``, ``_onnx``: readers of networks, which need the extras ``hwlib[torch]`` and
  ``hwlib[onnx]`` when they are called.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
