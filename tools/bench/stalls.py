"""How long the machine itself stands still: latencies below this are not the server's to reach."""

import multiprocessing
import os
import time

GAP_MILLISECONDS = 1.0


def gaps(core: int, seconds: float) -> list[float]:
    """Milliseconds for which a loop that only looks at the clock did not run, where they are more than `GAP_MILLISECONDS`."""
    os.sched_setaffinity(0, [core])
    found, last = [], time.perf_counter()
    end = last + seconds
    while last < end:
        now = time.perf_counter()
        if (gap := (now - last) * 1e3) > GAP_MILLISECONDS:
            found.append(gap)
        last = now
    return found


def stalls(cores: list[int], seconds: float = 2) -> str:
    """The share of time lost in such gaps and the longest, with nothing of ours running."""
    with multiprocessing.Pool(len(cores)) as pool:
        found = [gap for each in pool.starmap(gaps, [(core, seconds) for core in cores]) for gap in each]
    share = sum(found) / (seconds * 1e3 * len(cores))
    return f"{share:.1%} of the time in gaps of over {GAP_MILLISECONDS:g} ms, the longest {max(found, default=0):.1f} ms"
