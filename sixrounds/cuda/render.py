"""A report as text for a terminal, and as HTML for a notebook."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sixrounds.cuda.metrics import Row
    from sixrounds.cuda.report import Report

HEAD = (
    "line",
    "access",
    "array",
    "bytes",
    "requests",
    "lanes",
    "per request",
    "ideal",
    "efficiency",
)


def headline(report: Report) -> str:
    """One line: what ran, and how it went."""
    blocks = "x".join(map(str, report.grid))
    threads = "x".join(map(str, report.block))
    count = len(report.findings)
    verdict = "nothing found" if report.lane == "check" else "ran to its end"
    if count:
        verdict = f"{count} finding{'' if count == 1 else 's'}"
    if report.stopped:
        verdict += f"; given up: {report.stopped}"
    return f"{report.kernel}, lane {report.lane}, {blocks} blocks of {threads} threads: {verdict}"


def cells(row: Row) -> tuple[str, ...]:
    """The cells of a row of metrics."""
    unit = "sectors" if row.space == "global" else "wavefronts"
    share = 100 * row.ideal / row.per_request if row.per_request else 0.0
    access = f"{row.space} {row.access}"
    if row.access == "atomic":
        access += f" ({row.same_address / row.requests:.1f} at one address)"
    return (
        str(row.line), access, row.array, str(row.size), f"{row.requests:,}",
        f"{row.lanes / row.requests:.1f}", f"{row.per_request:.2f} {unit}", f"{row.ideal:.2f}",
        f"{share:.1f} %",
    )  # fmt: skip


def totals(report: Report) -> list[str]:
    """What the metrics add up to."""
    if not report.rows:
        return []
    lines = [f"global memory: {report.global_bytes:,} bytes in whole sectors"]
    if report.efficiency is not None:
        lines.append(f"warp execution efficiency: {100 * report.efficiency:.1f} %")
    return lines


def source_line(report: Report, number: int) -> str:
    """The learner's line, if the number is one."""
    lines = report.code.split("\n")
    return lines[number - 1].strip() if 0 < number <= len(lines) else ""


def text(report: Report) -> str:
    """For a terminal."""
    lines = [headline(report)]
    for finding in report.findings:
        lines.append(f"  {finding.message}")
        shown = source_line(report, finding.line)
        if shown:
            lines.append(f"      {finding.line} | {shown}")
    if report.rows:
        table = [HEAD, *(cells(row) for row in report.rows)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines += ["  ".join(map(str.rjust, row, widths)) for row in table]
    lines += totals(report)
    if report.printed:
        lines += ["printed:", report.printed.rstrip("\n")]
    return "\n".join(lines)


def html(report: Report) -> str:
    """For a notebook; tables and lists without colors of their own, for both themes."""
    parts = [f"<p><b>{escape(headline(report))}</b></p>"]
    if report.findings:
        items = []
        for finding in report.findings:
            shown = escape(source_line(report, finding.line))
            code = f"<br><code>{finding.line} | {shown}</code>" if shown else ""
            items.append(f"<li>{escape(finding.message)}{code}</li>")
        parts.append(f"<ul>{''.join(items)}</ul>")
    if report.rows:
        head = "".join(f'<th scope="col">{name}</th>' for name in HEAD)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells(row)) + "</tr>"
            for row in report.rows
        )
        parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
    parts += [f"<p>{escape(line)}</p>" for line in totals(report)]
    if report.printed:
        parts.append(f"<pre>{escape(report.printed)}</pre>")
    return framed(parts)


def framed(parts: Iterable[str]) -> str:
    """One element around them, by which the book's style sheet knows a report."""
    return f'<div class="sixrounds-report">{"".join(parts)}</div>'
