# SPDX-License-Identifier: GPL-3.0-or-later
"""What Gatehouse is to reach, each held against what was measured: the first table of RESULTS.md."""
import statistics

OURS, FLOOR, WS, NCHAN, DAPHNE = "gatehouse-1", "kernel", "ws", "nchan", "daphne"
CPU = "cpu_us_per_operation"


class Measured:
    """Medians by name. A value that was not measured is None, and so is whatever is made of it."""

    def __init__(self, reports, micro):
        self.reports = reports
        self.micro_times = {each["run_name"]: each for each in (micro or {"benchmarks": []})["benchmarks"]
                            if each.get("aggregate_name") == "median"}

    def value(self, peer, mode, key=CPU):
        values = [each["median"][key] for each in self.reports.get((peer, mode), []) if key in each["median"]]
        return statistics.median(values) if values else None

    def ratio(self, mode, peer, key=CPU, of=OURS):
        return quotient(self.value(of, mode, key), self.value(peer, mode, key))

    def nanoseconds(self, name):
        each = self.micro_times.get(name)
        return each and each["cpu_time"] * {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}[each["time_unit"]]

    def counter(self, name, counter):
        return self.micro_times.get(name, {}).get(counter)


def quotient(value, by):
    return value / by if value is not None and by else None


def per_second(microseconds):
    return quotient(1e6, microseconds)


def floor_of(peer, mode):
    """What system calls alone would have reached, for the targets that are a share of another server's cost."""
    return lambda m: m.ratio(mode, peer, of=FLOOR)


# (what, command, value, unit, bound, whether less is better, the same of system calls alone)
TARGETS = [
    ("fan-out one at a time: CPU per delivery", "fanout", lambda m: m.ratio("fanout", NCHAN), "× nchan", 0.6, True,
     floor_of(NCHAN, "fanout")),
    ("the same", "fanout", lambda m: m.ratio("fanout", DAPHNE), "× Channels", 1 / 50, True, floor_of(DAPHNE, "fanout")),
    ("fan-out, 8 in flight: CPU per delivery", "fanout-8", lambda m: m.ratio("fanout-8", NCHAN), "× nchan", 0.6, True,
     floor_of(NCHAN, "fanout-8")),
    ("echo: CPU per message", "echo", lambda m: m.ratio("echo", WS), "× ws", 0.6, True, floor_of(WS, "echo")),
    ("the same", "echo", lambda m: m.ratio("echo", DAPHNE), "× daphne", 0.1, True, floor_of(DAPHNE, "echo")),
    ("memory of an idle, authenticated listener", "idle-19000", lambda m: m.value(OURS, "idle-19000", "rss_per_connection_bytes"),
     "bytes", 1024, True, None),
    ("waking a sleeping listener, and asleep again", "micro", lambda m: quotient(m.nanoseconds("wakeReadAndSleep"), 1000), "µs", 40, True, None),
    ("handshakes with HS256, a core's worth", "churn", lambda m: quotient(m.value(WS, "churn"), m.value(OURS, "churn")), "× ws", 3, False,
     lambda m: quotient(m.value(WS, "churn"), m.value(FLOOR, "churn"))),
    ("handshakes with RS256, a core's worth", "churn-rs256", lambda m: per_second(m.value(OURS, "churn-rs256")), "1/s", 12_000, False, None),
    ("guard decision, a million addresses known", "micro", lambda m: m.nanoseconds("addressTableAdmitAmongMillion"), "ns", 200, True, None),
    ("its table", "micro", lambda m: m.counter("addressTableAdmitAmongMillion", "table MiB"), "MiB", 64, True, None),
    ("refused handshakes, a core's worth", "refused-origin", lambda m: per_second(m.value(OURS, "refused-origin")), "1/s", 40_000, False,
     None),
    ("message over the limit", "overlimit", lambda m: m.value(OURS, "overlimit"), "µs", 1, True, None),
    ("message among 18,000 idle connections, against alone", "echo-crowded",
     lambda m: quotient(m.value(OURS, "echo-crowded"), m.value(OURS, "echo")), "×", 1.2, True, None),
    ("CPU of 19,000 idle, heartbeating connections", "idle-19000", lambda m: m.value(OURS, "idle-19000", "cpu_percent"), "% of a core", 2, True,
     None),
    ("publish, stored (fsync), last of 1,000: p99", "stored", lambda m: m.value(OURS, "stored", "latency_p99_ms"), "ms", 30, True, None),
    ("stored publishes", "stored-256", lambda m: m.value(OURS, "stored-256", "per_second"), "1/s", 20_000, False, None),
    ("rate limits, monitoring and decision log on, against off", "echo-unguarded", 
     lambda m: quotient(m.value(OURS, "echo"), m.value(OURS, "echo-unguarded")), "×", 1.03, True, None),
]


def rows(reports, micro):
    """(what, mode, measured, target, verdict, floor) as texts; only what was measured."""
    measured = Measured(reports, micro)
    result = []
    for what, mode, value_of, unit, bound, is_less_better, floor in TARGETS:
        value = value_of(measured)
        if value is None:
            continue
        is_met = value <= bound if is_less_better else value >= bound
        least = floor(measured) if floor else None
        is_possible = least is None or (least <= bound if is_less_better else least >= bound)
        verdict = "met" if is_met else "missed" if is_possible else "missed; system calls alone miss it"
        result.append((what, mode, f"{significant(value)} {unit}", f"{'≤' if is_less_better else '≥'} {significant(bound)} {unit}", verdict,
                       f"{significant(least)} {unit}" if least is not None else "–"))
    return result


def significant(value):
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
