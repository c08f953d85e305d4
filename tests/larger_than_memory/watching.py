"""How much memory a program takes, with all processes that it has started; and what Dask says meanwhile."""

import logging
import re
import threading
import time
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psutil


class PeakMemory(AbstractContextManager):
    """The most bytes that this process and those below it have had at once.

    Pages that processes share, such as NumPy's code, are counted in each.
    """

    def __init__(self, every=0.05):
        self.bytes, self._every, self._over = 0, every, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *error):
        self._over.set()
        self._thread.join()

    def _watch(self):
        here = psutil.Process()
        while not self._over.wait(self._every):
            self.bytes = max(self.bytes, sum(map(resident, [here, *here.children(recursive=True)])))


def resident(process):
    """Bytes of a process that are in memory; none if it has ended."""
    try:
        return process.memory_info().rss
    except psutil.NoSuchProcess:
        return 0


def peak_of_this_process():
    """The most bytes that the process which calls this has had in memory, as Linux has counted them."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])


class Log(logging.Handler):
    """What Dask's scheduler and nannies say about workers that come and go, with seconds."""

    ABOUT = re.compile(
        r"Remove worker|Worker process|Restarting worker|Register worker|lost? already computed"
    )

    def __init__(self):
        super().__init__()
        self.lines, self._began = [], time.perf_counter()

    @contextmanager
    def listening(self):
        """Take down what is said from now on, not more."""
        loggers = [logging.getLogger(f"distributed.{name}") for name in ("scheduler", "nanny")]
        levels = [logger.level for logger in loggers]
        for logger in loggers:
            logger.addHandler(self)
            logger.setLevel(logging.INFO)
        yield
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(self)
            logger.setLevel(level)

    def emit(self, record):
        message = record.getMessage()
        if self.ABOUT.search(message):
            self.say(self._short(message))

    def say(self, text):
        self.lines.append(f"{time.perf_counter() - self._began:.1f} s: {text}")

    def _short(self, message):
        """Without addresses, numbers of processes and names of tasks, which are others each time."""
        lost = re.search(r"lose already computed task\(s\).*?\{(.*)\}", message)
        if lost:
            return f"{lost[1].count('(')} computed tasks are lost, and will be computed elsewhere"
        message = re.sub(r" \(stimulus_id=.*?\)| addr: \S+|(?<=process) \d+| \(status=.*?\)", "", message)
        return message.strip()
