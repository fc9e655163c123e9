# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns the reports of `gatehouse bench` into the tables of RESULTS.md: CPU per unit of work first, then throughput, memory, latency."""
import os
import platform
import re
import statistics
import time

import targets

# (heading, key in a report, unit, modes)
TABLES = [
    ("Server CPU per unit of work", "cpu_us_per_operation", "µs",
     ("churn", "churn-rs256", "echo", "echo-unguarded", "echo-crowded", "fanout", "fanout-8", "stored", "stored-256", "refused-token", "refused-origin", "refused-limit",
      "overlimit")),
    ("Throughput: units a second", "per_second", "1/s",
     ("churn", "churn-rs256", "echo", "echo-unguarded", "echo-crowded", "fanout", "fanout-8", "stored", "stored-256", "refused-token", "refused-origin", "refused-limit",
      "overlimit")),
    ("Memory per idle connection", "rss_per_connection_bytes", "bytes", ("idle", "idle-19000")),
    ("CPU of idle, heartbeating connections", "cpu_percent", "% of a core", ("idle-19000",)),
    ("Latency p50: echo; handshake until greeted; first byte of a publish until its last delivery", "latency_p50_ms", "ms",
     ("churn", "echo", "fanout", "fanout-8", "stored", "slow")),
    ("Latency p99", "latency_p99_ms", "ms", ("churn", "echo", "fanout", "fanout-8", "stored", "slow")),
    ("Latency p99 before listeners stopped reading", "baseline_p99_ms", "ms", ("slow",)),
    ("Listeners cut, of those that stopped reading", "listeners_cut", "", ("slow",)),
    ("The bench's own CPU per unit of work", "load_cpu_us_per_operation", "µs", ("churn", "echo", "fanout", "fanout-8")),
]


def median(reports, key):
    """The median over the rounds that have the value; None if none has."""
    values = [report["median"][key] for report in reports if key in report["median"]]
    return statistics.median(values) if values else None


def number(value):
    """Three significant digits below 1,000, digits in groups above."""
    if value is None:
        return "–"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def cell(value, ours):
    """A value, with its ratio to ours."""
    if value is None or not ours or value == ours:
        return number(value)
    return f"{number(value)} (×{value / ours:.2g})"


def table(title, unit, key, names, peers, modes, reports):
    """One table, or nothing if nobody measured any of it."""
    rows = []
    for name in names:
        if name not in modes:
            continue
        values = [median(reports.get((peer.name, name), []), key) for peer in peers]
        if any(value is not None for value in values):
            rows.append((modes[name].title, values))
    if not rows:
        return []
    lines = [f"## {title}" + (f", {unit}" if unit else ""), "", "| | " + " | ".join(peer.title for peer in peers) + " |",
             "|---|" + "---|" * len(peers)]
    for label, values in rows:
        lines.append(f"| {label} | " + " | ".join(cell(value, values[0]) for value in values) + " |")
    return [*lines, ""]


def targets_table(reports, micro):
    """What is to be reached, with what was measured; nothing if none of it was."""
    rows = targets.rows(reports, micro)
    if not rows:
        return []
    lines = ["## Targets", "", "| | measured | target | | system calls alone | mode |", "|---|---|---|---|---|---|"]
    return [*lines, *(f"| {what} | {value} | {bound} | {verdict} | {floor} | {mode} |" for what, mode, value, bound, verdict, floor in rows), ""]


def micro_table(micro):
    """Medians of the micro-benchmarks, with their counters."""
    lines = ["## Micro-benchmarks", "", "| | CPU per operation, ns | besides |", "|---|---|---|"]
    for each in micro["benchmarks"]:
        if each.get("aggregate_name") != "median":
            continue
        scale = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}[each["time_unit"]]
        known = ("name", "family_index", "per_family_instance_index", "run_name", "run_type", "repetitions", "threads", "aggregate_name",
                 "aggregate_unit", "iterations", "real_time", "cpu_time", "time_unit", "label")
        besides = ", ".join(f"{name} {number(value)}" for name, value in each.items() if name not in known)
        lines.append(f"| {each['run_name']} | {number(each['cpu_time'] * scale)} | {besides} |")
    return [*lines, ""]


def conditions(peers, options):
    """What must be known to judge the numbers; nothing that names the machine."""
    model = ""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            found = re.search(r"^model name\s*:\s*(.+)$", file.read(), re.MULTILINE)
            model = f" ({found.group(1)})" if found else ""
    except OSError:
        pass
    kernel = re.match(r"[\d.]+", platform.release())
    lines = ["## Conditions", "", f"- {time.strftime('%Y-%m-%d')}; {os.cpu_count()} cores{model}, shared by server and load; Linux "
             f"{kernel.group(0) if kernel else ''}; loopback",
             f"- {options.rounds} interleaved rounds (fewer where it says so in tests/bench/suite.py) of {options.seconds} s; each value is "
             "the median of the rounds, in brackets its ratio to the first column",
             "- Gatehouse: optimised build; Origin check, limits (raised so that they do not bite), JWT, metrics and decision log on. The "
             "others do nothing of that: they accept everybody, greet, answer ping, and broadcast",
             "- fan-out is ephemeral (the others store nothing) except where it says stored, which means fsync before the answer"]
    versions = [f"{peer.title}: {peer.version()}" for peer in peers]
    return [*lines, *(f"- {version}" for version in versions), ""]


def document(peers, modes, reports, micro, problems, options):
    """The whole text of RESULTS.md."""
    lines = ["# Results of tests/bench/run", ""]
    lines += conditions(peers, options)
    lines += targets_table(reports, micro)
    for title, key, unit, names in TABLES:
        lines += table(title, unit, key, names, peers, modes, reports)
    if micro:
        lines += micro_table(micro)
    if problems:
        lines += ["## Not measured", "", *(f"- {problem}" for problem in sorted(set(problems))), ""]
    return "\n".join(lines)
