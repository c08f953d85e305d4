"""What the docstrings state of parameters and results: shapes, types and defaults, tried by calling."""

import ast
import inspect
import re
from types import MappingProxyType

import numpy as np
import pytest
from docstrings import documented, entries

from hwlib.convnets import Conv2d, Flatten, Linear, Row
from hwlib.optimizers import Adam, AdamState, GradientDescent, Optimizer

SIZES = MappingProxyType(
    {
        "n": 3,
        "d": 5,
        "steps": 4,
        "height": 7,
        "width": 9,
        "kernel height": 2,
        "kernel width": 3,
        "output height": 7,  # with the default padding the result has the image's size
        "output width": 9,
    }
)
# What the stated type of a parameter does not tell: a value to call with
VALUES = {
    "steps": SIZES["steps"],
    "max_steps": SIZES["steps"],
    "smallest": 0.5,
    "batch_size": 2,
    "rng": np.random.default_rng(0),
    "gradient": lambda w: w,
    "callback": lambda step, w: None,
    "record": True,
    "optimizer": GradientDescent(0.1),
    "layers": [Conv2d(1, 3)],
    "input_shape": (1, 8, 8),
    "kernel_size": 3,
    "latex": "x = x",
    "symbols": {"x": "scalar"},
    "definitions": {},
    "assumptions": (),
    "function": lambda x: x,
    "span": (0, 1),
    "rows": (Row("input", (1,), 0, 1, 0, 1, 1),),
    "state": AdamState(1, np.zeros(SIZES["d"]), np.zeros(SIZES["d"])),
}
OWN_VALUES = {
    ("optimizers.GradientDescent", "momentum"): 0.1,
    ("optimizers.GradientDescent", "nesterov"): True,
    ("convnets.Unflatten", "shape"): (1, 2, 4),
    ("convnets.summarize", "layers"): [Conv2d(1, 3), Flatten(), Linear(2)],
    ("convnets.MaxPool2d", "padding"): 1,
    ("convnets.AvgPool2d", "padding"): 1,
    ("checked.python_name", "latex"): "x",
    ("checked.compare", "latex"): "x",
    ("optimizers.Optimizer.update", "gradient"): np.ones(SIZES["d"]),
}
DOCUMENTED = dict(documented())
MADE_FOR_OTHERS = {  # nobody calls these: Sphinx does, or a rule that is one, or the functions that return them
    "sphinxext.setup",
    "optimizers.Optimizer",
    "optimizers.DivergenceError",
    "checked.CheckError",
}
CALLED = [
    name
    for name, value in DOCUMENTED.items()
    if callable(value) and name not in MADE_FOR_OTHERS and entries(value, "Parameters")
]
ARRAYS = [
    pytest.param(name, entry.name, id=f"{name}-{entry.name}")
    for name in CALLED
    for entry in entries(DOCUMENTED[name], "Parameters")
    if entry.dimensions
]


def bound(name):
    """A callable: the object itself, or a method of an optimizer."""
    owner, _, method = name.rpartition(".")
    return getattr(Adam(), method) if owner == "optimizers.Optimizer" else DOCUMENTED[name]


def shape_of(dimensions):
    return tuple(
        SIZES[part] if part in SIZES else eval(part, {}, dict(SIZES))  # noqa: S307
        for part in dimensions
    )


def array(shape):
    return np.random.default_rng(len(shape)).standard_normal(shape)


def argument(name, entry):
    """A value of the type and the shape that an entry states."""
    if (name, entry.name) in OWN_VALUES:
        return OWN_VALUES[name, entry.name]
    if entry.dimensions:
        return array(shape_of(entry.dimensions))
    if entry.name in VALUES:
        return VALUES[entry.name]
    kind = re.split(r",? (?:or|default|optional)|, ", entry.kind)[0]
    if kind.startswith("{"):
        return ast.literal_eval(re.match(r"\{([^,}]*)", entry.kind)[1])
    return {"float": 0.9, "int": 2, "bool": True, "str": "x"}[kind]


def arguments(name):
    stated = {entry.name: entry for entry in entries(DOCUMENTED[name], "Parameters")}
    wanted = inspect.signature(bound(name)).parameters
    return {
        parameter: argument(name, stated[parameter]) if parameter in stated else VALUES[parameter]
        for parameter in wanted
    }


def check_value(value, entry, where):
    """Assert that a value has what an entry states."""
    alternatives = [part.strip() for part in re.split(r" or |, (?!\w+ ?[,)])", entry.kind)]
    assert any(fits(value, kind, entry) for kind in alternatives) or fits(value, entry.kind, entry), (
        f"{where} states {entry.kind}, got {type(value).__name__} {getattr(value, 'shape', value)}"
    )


def fits(value, kind, entry):
    if entry.dimensions and re.match(r"\(", kind):
        return (
            isinstance(value, np.ndarray)
            and value.shape == shape_of(entry.dimensions)
            and value.dtype.kind == "f"
        )
    plain = {"float": float, "int": int, "bool": bool, "str": str}
    if kind in plain:
        return type(value) is plain[kind] or (kind == "float" and isinstance(value, float))
    if kind == "None":
        return value is None
    if kind == "callable":
        return callable(value)
    if kind == "State":
        return True  # each rule has its own
    if kind.startswith("("):
        parts = kind.strip("()").split(",")
        return isinstance(value, tuple) and len(value) == len([part for part in parts if part.strip()])
    if kind.startswith("tuple of "):
        member = kind.removeprefix("tuple of ")
        return isinstance(value, tuple) and all(fits(one, member, entry) for one in value)
    return type(value).__name__ == kind and stated_attributes_are_true(value)


def stated_attributes_are_true(value):
    for entry in [*entries(type(value), "Attributes"), *entries(type(value), "Parameters")]:
        if hasattr(value, entry.name):
            check_value(getattr(value, entry.name), entry, f"{type(value).__name__}.{entry.name}")
    return True


@pytest.mark.parametrize("name", CALLED)
def test_what_is_returned_is_what_is_stated(name):
    value = bound(name)(**arguments(name))
    if inspect.isclass(DOCUMENTED[name]):
        assert stated_attributes_are_true(value)
        return
    stated = entries(DOCUMENTED[name], "Returns")
    for entry, one in zip(stated, value if len(stated) > 1 else [value], strict=True):
        check_value(one, entry, name)


def test_the_gradient_of_batches_takes_and_gives_the_shapes_that_are_stated():
    name = "optimizers.minibatch_gradient"
    (entry,) = entries(DOCUMENTED[name], "Returns")
    taken, given = re.findall(r"\((\w+),\)", entry.text)
    gradient = bound(name)(**arguments(name))
    assert gradient(array((SIZES[taken],))).shape == (SIZES[given],)


@pytest.mark.parametrize(("name", "parameter"), ARRAYS)
def test_an_array_with_one_more_dimension_is_refused_by_name(name, parameter):
    good = arguments(name)
    with pytest.raises(ValueError, match=rf"\b{parameter}\b"):
        bound(name)(**good | {parameter: good[parameter][..., None]})


@pytest.mark.parametrize(("name", "parameter"), ARRAYS)
def test_an_array_that_does_not_fit_the_others_is_refused_by_name(name, parameter):
    good = arguments(name)
    stated = [entry for entry in entries(DOCUMENTED[name], "Parameters") if entry.dimensions]
    (mine,) = (entry for entry in stated if entry.name == parameter)
    others = {part for entry in stated if entry is not mine for part in entry.dimensions}
    for axis, part in enumerate(mine.dimensions):
        if part in others:
            longer = np.concatenate([good[parameter]] * 2, axis=axis)
            with pytest.raises(ValueError, match=rf"\b{parameter}\b"):
                bound(name)(**good | {parameter: longer})


@pytest.mark.parametrize("name", CALLED)
def test_every_array_has_a_stated_shape(name):
    for section in ("Parameters", "Attributes", "Returns"):
        for entry in entries(DOCUMENTED[name], section):
            if re.search("array|matrix|vector", entry.kind):
                assert entry.dimensions, f"{name}: {entry.name or section} : {entry.kind}"
                assert all(isinstance(size, int) for size in shape_of(entry.dimensions))


@pytest.mark.parametrize("name", CALLED)
def test_the_stated_defaults_are_those_of_the_signature(name):
    signature = inspect.signature(DOCUMENTED[name]).parameters
    for entry in entries(DOCUMENTED[name], "Parameters"):
        if entry.name not in signature:
            continue
        default = signature[entry.name].default
        stated = re.search(r"default (.*)", entry.kind)
        if stated:
            assert ast.literal_eval(stated[1]) == default, f"{name}: {entry.name}"
        elif entry.kind.startswith("{"):
            assert ast.literal_eval(re.match(r"\{([^,}]*)", entry.kind)[1]) == default
        else:
            assert default is inspect.Parameter.empty or (default is None and "optional" in entry.kind), entry
