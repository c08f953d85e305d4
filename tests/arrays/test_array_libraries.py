"""Every function on the arrays of every library: the same answer, where and in the type that the data is."""

import numpy as np
import pytest
from functions import FUNCTIONS, LOOKS, T, W, X
from libraries import LIBRARIES, module

EACH_FUNCTION = pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS.keys())


@pytest.fixture(params=LIBRARIES.values(), ids=LIBRARIES.keys())
def library(request):
    if request.param.reason:
        pytest.skip(request.param.reason)
    return request.param


@EACH_FUNCTION
def test_gives_what_the_formula_gives(library, function):
    result = function.ours(*map(library.make, (X, T, W)))
    np.testing.assert_allclose(library.read(result), function.expected(X, T, W), rtol=1e-10)
