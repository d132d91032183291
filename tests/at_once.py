"""Several at the same moment, each on a database connection of its own."""

import threading
from collections.abc import Callable

from django.db import connection


def at_once(count: int, work: Callable[[int], None]) -> None:
    """Call `work` in that many threads, with 0 … count − 1, when all of them are there; return when all are done."""
    ready = threading.Barrier(count)

    def run(number: int) -> None:
        try:
            ready.wait()
            work(number)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
