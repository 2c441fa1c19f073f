"""Whether the words of a report agree with the intervals beside them."""

import re

import report_parts as parts

from logreport.reporting.report import SpeedupChart

INTERVAL = re.compile(r"([\d.]+)–([\d.]+)×")
SHOWN, NOT_SHOWN, ALONE, SAME = "as fast as", "No difference shown", "is not shown among", "are equally fast"


def ends(text):
    """The only interval of ratios in a text, as shown; None without one."""
    found = INTERVAL.findall(text)
    assert len(found) <= 1, text
    return tuple(map(float, found[0])) if found else None


def kind(text):
    """What a sentence says about a difference."""
    return next((k for k in (ALONE, NOT_SHOWN, SAME, SHOWN) if k.lower() in text.lower()), "")


def agrees(said, interval):
    """Whether words and an interval say the same."""
    holds = interval[0] <= 1 <= interval[1]
    return said == SAME or holds == (said == NOT_SHOWN)


VERDICTS = {"faster": SHOWN, "slower": SHOWN, "no difference shown": NOT_SHOWN}


def check(report):
    """Hold each sentence, row, bar and title against its interval; what was said."""
    said = []
    for answer in parts.answers(report):
        text = parts.said(answer.sentence)
        bold = "".join(span.text for span in answer.sentence if span.strong)
        if kind(bold) and (interval := ends(text)):
            said.append(kind(bold))
            assert agrees(kind(bold), interval), text
    if table := parts.table(report, "comparison"):
        heads = [column.head for column in table.columns]
        assert heads.count("95 % interval") <= 1
        for row in table.rows if "95 % interval" in heads else ():
            cells = dict(zip(heads, row.cells, strict=True))
            if interval := ends(cells["95 % interval"].text):
                verdict = cells["Verdict"].text
                said.append(verdict)
                if not verdict.startswith("the same"):
                    assert agrees(VERDICTS.get(verdict, ALONE), interval), row
    for chart in report.all(SpeedupChart):
        bars = [
            bar
            for bar in chart.bars
            if bar.low is not None and not any("workloads" in detail for detail in bar.details)
        ]
        if "Nothing is shown" in chart.title:
            assert not any(bar.low > 1 and f"{bar.text} as fast" in chart.title for bar in bars)
        for bar in bars:
            assert (interval := ends(bar.tip)) is None or (interval[0] <= 1 <= interval[1]) == (
                bar.low <= 1 <= bar.high
            )
    return said
