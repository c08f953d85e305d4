"""What the docstrings state of parameters and results: shapes, types and defaults, tried by calling."""

import ast
import contextlib
import inspect
import re
from types import MappingProxyType

import numpy as np
import pytest
from docstrings import documented, entries

from hwlib.convnets import Conv2d, Flatten, Linear, Row, _Layer
from hwlib.linear_maps import CorrelationOperator
from hwlib.mirror_descent import Hypentropy
from hwlib.network_graphs import Add, Node, Path, Paths, series
from hwlib.optimizers import Adam, AdamState, GradientDescent

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
        "pixels": 63,
        "outputs": 63,
        "output channels": 4,
        "input channels": 2,
        "singular values": 126,
        "rank": 2,
    }
)
GRAPH = series([Conv2d(1, 3)])
# What the stated type of a parameter does not tell: a value to call with
VALUES = {
    "steps": SIZES["steps"],
    "max_steps": SIZES["steps"],
    "smallest": 0.5,
    "batch_size": 2,
    "rng": np.random.default_rng(0),
    "gradient": lambda w: w,
    "final_gradient": lambda w: w,
    "hessian_vector_product": lambda w, v: v,
    "callback": lambda step, w: None,
    "record": True,
    "optimizer": GradientDescent(0.1),
    "potential": Hypentropy(0.5),
    "layers": [Conv2d(1, 3)],
    "input_shape": (1, 8, 8),
    "image_shape": (SIZES["height"], SIZES["width"]),
    "kernel_shape": (SIZES["kernel height"], SIZES["kernel width"]),
    "kernel_size": 3,
    "latex": "x = x",
    "symbols": {"x": "scalar"},
    "definitions": {},
    "assumptions": (),
    "function": lambda x: x,
    "span": (0, 1),
    "output_shape": (1,),
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
    ("network_graphs.series", "layers"): [Conv2d(1, 3)],
    ("network_graphs.Graph", "nodes"): (Node("a", Conv2d(1, 3), ("input",)),),
    ("network_graphs.Node", "layer"): Conv2d(1, 3),
    ("network_graphs.Node", "inputs"): ("input",),
    ("network_graphs.Parallel", "branches"): ([Conv2d(1, 3)], []),
    ("network_graphs.Parallel", "join"): Add(),
    ("network_graphs.Path", "windows"): ((0, 2),),
    ("network_graphs.Paths", "paths"): (Path(((0, 2),), 1),),
    ("network_graphs.JoinedField", "along_height"): Paths((Path(((0, 2),), 1),)),
    ("network_graphs.JoinedField", "along_width"): Paths((Path(((0, 2),), 1),)),
    ("network_graphs.Graph.up_to", "name"): "conv2d_1",
    ("network_graphs.CeilMaxPool2d", "padding"): 1,
    ("network_graphs.published_network", "name"): "slim.vgg_16",
    ("network_graphs.to_dot", "graph"): GRAPH,
    ("regularization.translate", "source"): "decay",
    ("regularization.translate", "target"): "torch.optim.AdamW",
    ("regularization.translate", "schedule"): np.ones(SIZES["steps"]),
    ("regularization.Convention", "acts_on"): "weights",
    ("sweeps.grid", "values"): {"x": [1, 2]},
    ("sweeps.sweep", "settings"): [{"x": 1}],
    ("sweeps.sweep", "record"): None,
    ("checked.python_name", "latex"): "x",
    ("checked.compare", "latex"): "x",
}
ALTERNATIVE = re.compile(r" or |, (?![^(]*\))")
DOCUMENTED = dict(documented())
NOT_CALLED_BY_READERS = {
    "sphinxext.setup",
    "optimizers.Optimizer",
    "optimizers.DivergenceError",
    "checked.CheckError",
    "regularization.NoEquivalentError",
    "network_graphs.from_torch",  # tests/networks calls these
    "network_graphs.from_onnx",
}
CALLED = [
    name
    for name, value in DOCUMENTED.items()
    if callable(value) and name not in NOT_CALLED_BY_READERS and entries(value, "Parameters")
]
ARRAYS = [
    pytest.param(name, entry.name, id=f"{name}-{entry.name}")
    for name in CALLED
    for entry in entries(DOCUMENTED[name], "Parameters")
    if entry.dimensions
]


NUMBERS = [
    pytest.param(name, entry.name, found[1], id=f"{name}-{entry.name}")
    for name in CALLED
    if any(entry.kind == "TypeError" for entry in entries(DOCUMENTED[name], "Raises"))
    for entry in entries(DOCUMENTED[name], "Parameters")
    if (found := re.match(r"(?:\{.*\},\s+)?(int|float|bool)\b", entry.kind))
]


OWNERS = {
    "optimizers.Optimizer": Adam(),
    "mirror_descent.Potential": Hypentropy(0.5),
    "linear_maps.CorrelationOperator": CorrelationOperator(np.ones((2, 3)), VALUES["image_shape"]),
    "network_graphs.Graph": GRAPH,
    "network_graphs.Path": Path(((0, 2),), 1),
    "network_graphs.Paths": Paths((Path(((0, 2),), 1),)),
}


def bound(name):
    """A callable: the object itself, or a method of an instance."""
    owner, _, method = name.rpartition(".")
    return getattr(OWNERS[owner], method) if owner in OWNERS else DOCUMENTED[name]


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
    return {"float": 0.9, "int": 2, "bool": True, "str": "x"}[ALTERNATIVE.split(entry.kind)[0]]


def arguments(name):
    """A value for each parameter that has no default, and for those with one that a table here gives."""
    stated = {entry.name: entry for entry in entries(DOCUMENTED[name], "Parameters")}
    return {
        parameter: argument(name, stated[parameter])
        for parameter, option in inspect.signature(bound(name)).parameters.items()
        if option.default is option.empty or (name, parameter) in OWN_VALUES or parameter in VALUES
    }


def check_value(value, entry, where):
    """Assert that a value has what an entry states."""
    assert any(fits(value, kind, entry) for kind in ALTERNATIVE.split(entry.kind)), (
        f"{where} states {entry.kind}, got {type(value).__name__} {getattr(value, 'shape', value)}"
    )


PLAIN = {"float": float, "int": int, "bool": bool, "str": str}
FITS = {
    r"\(.*\) (array|ndarray).*": lambda value, kind, entry: (
        isinstance(value, np.ndarray)
        and value.shape == shape_of(entry.dimensions)
        and value.dtype.kind == "f"
    ),
    "float|int|bool|str": lambda value, kind, entry: (
        isinstance(value, PLAIN[kind]) and isinstance(value, bool) == (kind == "bool")
    ),
    "None|optional": lambda value, kind, entry: value is None,
    "callable": lambda value, kind, entry: callable(value),
    "layers?": lambda value, kind, entry: isinstance(value, _Layer),
    "sequences? of .*": lambda value, kind, entry: (
        isinstance(value, (tuple, list))
        and all(fits(one, re.sub("^sequences? of ", "", kind), entry) for one in value)
    ),
    "list( of dict)?": lambda value, kind, entry: (
        isinstance(value, list) and (kind == "list" or all(isinstance(one, dict) for one in value))
    ),
    "State": lambda value, kind, entry: stated_attributes_are_true(value),
    r"\(.*\)": lambda value, kind, entry: (
        isinstance(value, tuple)
        and [type(one).__name__ for one in value] == [part.strip() for part in kind[1:-1].split(",") if part]
    ),
    "tuple of .*": lambda value, kind, entry: (
        isinstance(value, tuple) and all(fits(one, kind.removeprefix("tuple of "), entry) for one in value)
    ),
    "[A-Z][a-z]+[A-Za-z]*": lambda value, kind, entry: (
        type(value).__name__ == kind and stated_attributes_are_true(value)
    ),
}


def fits(value, kind, entry):
    """Whether a value has the type and the shape of one alternative that an entry states."""
    return any(is_so(value, kind, entry) for pattern, is_so in FITS.items() if re.fullmatch(pattern, kind))


def stated_attributes_are_true(value):
    owners = [owner for owner in type(value).__mro__ if owner.__module__.startswith("hwlib")]
    sections = [(owner, section) for owner in owners for section in ("Attributes", "Parameters")]
    for entry in [entry for owner, section in sections for entry in entries(owner, section)]:
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
    more = good[parameter][..., None]
    if name.endswith("matvec"):  # SciPy gives a vector as a column too
        np.testing.assert_array_equal(bound(name)(**{parameter: more}), bound(name)(**good))
        more = more[..., None]
    with pytest.raises(ValueError, match=rf"\b{parameter}\b"):
        bound(name)(**good | {parameter: more})


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


@pytest.mark.parametrize(("name", "parameter", "kind"), NUMBERS)
def test_a_number_of_the_stated_type_is_taken_and_another_is_refused_by_name(name, parameter, kind):
    taken, refused = {"int": (1, 1.5), "float": (0.5, "x"), "bool": (True, 1)}[kind]
    with contextlib.suppress(ValueError):  # of the right type, if out of range
        bound(name)(**arguments(name) | {parameter: taken})
    with pytest.raises(TypeError, match=rf"\b{parameter}\b"):
        bound(name)(**arguments(name) | {parameter: refused})


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
        if entry.name not in signature or not entry.kind:  # "As for `check`."
            continue
        default = signature[entry.name].default
        stated = re.search(r"default (.*)", entry.kind)
        if stated:
            assert ast.literal_eval(stated[1]) == default, f"{name}: {entry.name}"
        elif entry.kind.startswith("{"):
            assert ast.literal_eval(re.match(r"\{([^,}]*)", entry.kind)[1]) == default
        else:
            assert default is inspect.Parameter.empty or (default is None and "optional" in entry.kind), entry
