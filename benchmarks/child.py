"""One case in a fresh process: `python -m benchmarks.child REQUEST` prints, as JSON, what its first runs take.

The request is JSON too: the model, the size, the variant's name and a number of replicates.
"""

import json
import sys

from benchmarks.cases import Size, variants
from benchmarks.measure import peak, seconds


def main() -> None:
    request = json.loads(sys.argv[1])
    case = variants(request["model"], Size(*request["size"]))[request["variant"]]
    idle = peak()  # all is imported, Adult's table read
    first = seconds(case.fast, 1)
    second = seconds(case.fast, 1)
    ready = peak()
    case.fast(range(request["replicates"]))
    print(json.dumps({"compile_s": first - second, "idle_bytes": idle, "ready_bytes": ready, "peak_bytes": peak()}))


if __name__ == "__main__":
    main()
