"""What `hwlib.convolution` asks of NumPy, in plain Python: PyPI has no NumPy for Pyodide.

It is slow, and enough for the few pixels of a bench. A test compares it with NumPy under hwlib's own code.
"""

# ruff: noqa: D102, D103 - NumPy says what its functions do

from contextlib import nullcontext
from itertools import product
from math import isfinite as is_finite
from math import prod
from types import SimpleNamespace
from typing import NamedTuple


class Type(NamedTuple):
    """A type of entries."""

    name: str
    kind: str
    itemsize: int
    of: type

    def newbyteorder(self, _):
        return self


bool_ = Type("bool", "b", 1, bool)
int64 = Type("int64", "i", 8, int)
float64 = Type("float64", "f", 8, float)


class ndarray:  # noqa: N801 - NumPy's name
    """Entries in a list, of which this array sees those from a start on, at its strides."""

    def __init__(self, entries, dtype, shape, strides=None, start=0):
        self.entries, self.dtype, self.shape, self.start = entries, dtype, shape, start
        self.strides = strides or tuple(prod(shape[axis + 1 :]) for axis in range(len(shape)))

    @property
    def places(self):
        """Where its entries are in the list, in order."""
        return [
            self.start + sum(at * stride for at, stride in zip(index, self.strides, strict=True))
            for index in product(*map(range, self.shape))
        ]

    @property
    def nbytes(self):
        return prod(self.shape) * self.dtype.itemsize

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, wanted):
        wanted = wanted if isinstance(wanted, tuple) else (wanted,)
        start, shape, strides = self.start, [], []
        for axis, (length, stride) in enumerate(zip(self.shape, self.strides, strict=True)):
            part = wanted[axis] if axis < len(wanted) else slice(None)
            if isinstance(part, slice):
                steps = range(length)[part]
                start += steps.start * stride
                shape.append(len(steps))
                strides.append(steps.step * stride)
            else:
                start += range(length)[part] * stride
        if not shape:
            return self.entries[start]
        return ndarray(self.entries, self.dtype, tuple(shape), tuple(strides), start)

    def __setitem__(self, wanted, values):
        for place, value in zip(self[wanted].places, values.ravel().entries, strict=True):
            self.entries[place] = value

    def __iadd__(self, other):
        for place, value in zip(self.places, other.ravel().entries, strict=True):
            self.entries[place] += value
        return self

    def __truediv__(self, number):
        return ndarray([entry / number for entry in self.ravel().entries], float64, self.shape)

    def ravel(self):
        entries = [self.entries[place] for place in self.places]
        return ndarray(entries, self.dtype, (len(entries),))

    def tolist(self):
        return list(self.ravel().entries) if len(self.shape) == 1 else [row.tolist() for row in self]

    def astype(self, dtype, *, copy=True):
        if dtype == self.dtype and not copy:
            return self
        return ndarray([dtype.of(entry) for entry in self.ravel().entries], dtype, self.shape)

    def min(self):
        return min(self.ravel().entries)

    def max(self):
        return max(self.ravel().entries)

    def all(self):
        return all(self.ravel().entries)

    def setflags(self, *, write):
        """Nobody writes into it here."""


def asarray(rows):
    """An array of numbers, or of rows of one length."""
    if not isinstance(rows[0], list | tuple):
        types = {type(entry) for entry in rows}
        dtype = float64 if float in types else int64 if int in types else bool_
        return ndarray([dtype.of(entry) for entry in rows], dtype, (len(rows),))
    if len({len(row) for row in rows}) > 1:
        raise ValueError("the rows have different lengths")
    flat = asarray([entry for row in rows for entry in row])
    return ndarray(flat.entries, flat.dtype, (len(rows), len(rows[0])))


array = asarray


def full(shape, number):
    return ndarray([number] * prod(shape), float64, shape)


def zeros(shape, dtype):
    return ndarray([dtype.of(0)] * prod(shape), dtype, shape)


empty = zeros


def dtype(of):
    return of


def result_type(*types):
    return max(types, key=[bool_, int64, float64].index)


def isfinite(numbers):
    return ndarray([is_finite(entry) for entry in numbers.ravel().entries], bool_, numbers.shape)


def argwhere(matrix):
    rows, columns = matrix.shape
    found = [place for place in product(range(rows), range(columns)) if matrix[place]]
    return ndarray([at for place in found for at in place], int64, (len(found), 2))


def multiply(numbers, factor, *, out):
    out[:] = ndarray([entry * factor for entry in numbers.ravel().entries], out.dtype, out.shape)
    return out


def errstate(**_):
    return nullcontext()


class matrix:  # noqa: N801 - NumPy's name
    """hwlib refuses them; nobody makes one here."""


ma = SimpleNamespace(MaskedArray=matrix)
