"""Optimisation and convolutional networks as a deep-learning course asks for them."""

import lazy_loader as _lazy

_import_module, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415 - slow, and seldom asked for

        return version(__name__)
    return _import_module(name)
