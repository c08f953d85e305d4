"""A function at every setting of its arguments: in parallel, in order, and resumed after a stop."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future, as_completed
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

__all__ = ["grid", "sweep"]


def grid(values: Mapping[str, Iterable[Any]]) -> list[dict[str, Any]]:
    """Every combination of some values for each argument; those of the last change fastest.

    Parameters
    ----------
    values : mapping of str to iterable
        The values of each argument, by its name.

    Returns
    -------
    list of dict
        One setting for each combination.

    Raises
    ------
    TypeError
        If that is no mapping, or the values of an argument are one number or one string.

    Notes
    -----
    Used in :ref:`sweeps-over-settings`.

    Examples
    --------
    >>> from hwlib.sweeps import grid
    >>> for setting in grid({"learning_rate": [0.1, 0.2], "seed": range(2)}):
    ...     print(setting)
    {'learning_rate': 0.1, 'seed': 0}
    {'learning_rate': 0.1, 'seed': 1}
    {'learning_rate': 0.2, 'seed': 0}
    {'learning_rate': 0.2, 'seed': 1}
    """
    if not isinstance(values, Mapping):
        raise TypeError(f"values must be a mapping from names to values, got {type(values).__name__}")
    for name, choices in values.items():
        if isinstance(choices, str | bytes) or not isinstance(choices, Iterable):
            raise TypeError(f"values of {name!r} must be several, such as a list, got {choices!r}")
    return [dict(zip(values, chosen, strict=True)) for chosen in product(*values.values())]


def sweep(
    function: Callable[..., Any],
    settings: Iterable[Mapping[str, Any]],
    *,
    executor: Executor | None = None,
    record: str | os.PathLike[str] | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> list[Any]:
    """Call a function with each setting, and return the results in the order of the settings.

    Parameters
    ----------
    function : callable
        Takes the entries of a setting by name. What it draws at random should come from a seed among them.
    settings : iterable of mappings
        Arguments of each call, such as those of `grid`.
    executor : concurrent.futures.Executor, optional
        Where the calls are made: in threads, in processes, or by Dask, ``client.get_executor()``. Without
        one they are made here, one after the other.
    record : path, optional
        File of results, one JSON object a line. Settings that it holds are not run again.
    progress : callable, optional
        Called with the number of results there are and the number wanted: at the start, and after each call.

    Returns
    -------
    list
        The results, in the order of the settings, whichever was ready first.

    Raises
    ------
    ValueError
        If the record is of another function, or is damaged.
    TypeError
        If an argument has the wrong type; with a record, if JSON cannot hold a setting or a result.

    Notes
    -----
    What the function raises is raised, with a note that names the setting, once the calls that had begun
    are over; the others are cancelled. Each result is on the disk before the next is waited for. So a sweep
    that is killed and started again repeats only calls whose results it had not yet taken. With a record, a
    result is what JSON keeps of it, the first time as later: tuples and NumPy's arrays become lists. One
    sweep at a time may write to a record. Used in :ref:`sweeps-over-settings`.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> from hwlib.learning_rates import loss_after_step
    >>> from hwlib.sweeps import grid, sweep
    >>> def loss(learning_rate, target):
    ...     return round(loss_after_step([[2.0, 1.0]], [target], [0.0, 0.0], learning_rate), 9)
    >>> with ThreadPoolExecutor() as threads:
    ...     sweep(loss, grid({"learning_rate": [0.0, 0.05], "target": [2.0, 4.0]}), executor=threads)
    [4.0, 16.0, 1.0, 4.0]
    """
    if not callable(function):
        raise TypeError(f"function must be callable, got {type(function).__name__}")
    if executor is not None and not isinstance(executor, Executor):
        raise TypeError(f"executor must be a concurrent.futures.Executor, got {type(executor).__name__}")
    if progress is not None and not callable(progress):
        raise TypeError(f"progress must be callable, got {type(progress).__name__}")
    calls = {number: partial(function, **_arguments(setting)) for number, setting in enumerate(settings)}
    wanted = len(calls)
    results: dict[int, Any] = {}
    written = _Record(Path(record), function, calls) if record is not None else None
    if written is not None:
        results.update(written.results)
    missing = {number: call for number, call in calls.items() if number not in results}
    if progress is not None:
        progress(len(results), wanted)
    for number, result in _in_turn(missing) if executor is None else _at_once(missing, executor):
        results[number] = result if written is None else written.add(number, result)
        if progress is not None:
            progress(len(results), wanted)
    return [results[number] for number in calls]


def _arguments(setting: Any) -> dict[str, Any]:
    if not isinstance(setting, Mapping) or not all(isinstance(name, str) for name in setting):
        raise TypeError(f"settings must hold mappings from names to values, as grid returns, got {setting!r}")
    return dict(setting)


def _in_turn(calls: dict[int, partial[Any]]) -> Iterator[tuple[int, Any]]:
    for number, call in calls.items():
        try:
            result = call()
        except Exception as error:
            _name_setting(error, call)
            raise
        yield number, result


def _at_once(calls: dict[int, partial[Any]], executor: Executor) -> Iterator[tuple[int, Any]]:
    """Results as they come; once one is an error, only those of the calls that have begun."""
    futures: dict[Future[Any], int] = {}
    failed: dict[int, BaseException] = {}
    try:
        for number, call in calls.items():
            try:
                futures[executor.submit(call)] = number
            except BrokenExecutor as broken:  # a worker died already; what the others did still counts
                failed[number] = broken
                break
        for future in as_completed(futures):
            if failed and future.cancelled():
                continue
            error = future.exception()
            if error is None:
                yield futures[future], future.result()
                continue
            failed[futures[future]] = error
            _cancel(futures)
    finally:
        _cancel(futures)
    if failed:
        first = min(failed)
        _name_setting(failed[first], calls[first])
        raise failed[first]


def _cancel(futures: Iterable[Future[Any]]) -> None:
    for future in futures:
        future.cancel()


def _name_setting(error: BaseException, call: partial[Any]) -> None:
    error.add_note(f"in the setting {call.keywords}")


class _Record:
    """Results in a file: a line that names the function, then one for each setting, in any order."""

    def __init__(self, path: Path, function: Callable[..., Any], calls: dict[int, partial[Any]]) -> None:
        self.path = path
        self.settings = {number: _json("a setting", call.keywords) for number, call in calls.items()}
        name = getattr(function, "__qualname__", type(function).__qualname__)
        known = self._read(_json("a name", {"function": name}))
        self.results = {number: known[key] for number, key in self.settings.items() if key in known}

    def add(self, number: int, result: Any) -> Any:
        """Write a result down, and return what will be read."""
        setting, text = self.settings[number], _json(f"the result of {self.settings[number]}", result)
        self._write(f'{{"setting": {setting}, "result": {text}}}')
        return json.loads(text)

    def _read(self, heading: str) -> dict[str, Any]:
        """Results by setting; begin the file where there is none."""
        content = self.path.read_bytes() if self.path.exists() else b""
        *lines, torn = content.split(b"\n")
        if not lines and heading.encode().startswith(torn):
            lines = [heading.encode()]
            self.path.write_bytes(b"")
            self._write(heading)
        elif not lines or lines[0] != heading.encode():
            found = content.split(b"\n")[0][:200].decode(errors="replace")
            raise ValueError(f"record {self.path} must begin with {heading}, got {found}")
        elif torn:  # the sweep was killed while it wrote
            os.truncate(self.path, len(content) - len(torn))
        return dict(self._entry(*numbered) for numbered in enumerate(lines[1:], 2))

    def _entry(self, number: int, line: bytes) -> tuple[str, Any]:
        try:
            entry = json.loads(line)
            return _json("a setting", entry["setting"]), entry["result"]
        except (ValueError, TypeError, KeyError) as error:
            text = line[:200].decode(errors="replace")
            raise ValueError(
                f"record {self.path}, line {number}: must hold a setting and a result, got {text}"
            ) from error

    def _write(self, line: str) -> None:
        with self.path.open("ab") as file:
            file.write(line.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


def _json(name: str, value: Any) -> str:
    try:
        return json.dumps(value, sort_keys=True, default=_plain)
    except (ValueError, TypeError) as error:
        raise TypeError(f"{name} must be what JSON can hold, to be recorded: {error}") from error


def _plain(value: Any) -> Any:
    """Python's numbers and lists of NumPy's numbers and arrays."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"got {value!r} of type {type(value).__name__}")
