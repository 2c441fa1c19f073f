"""What docs/archive.md shows works: its lines for pandas, SQL and Polars run over an archive, and give what it holds."""

import re

import pytest

from logreport import Archive

BLOCK = re.compile(r"^```(python|sql)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def lab(tmp_path, samples, monkeypatch):
    """An archive of the sample logs in the current folder, called lab as on the page."""
    monkeypatch.chdir(tmp_path)
    archive = Archive("lab", create=True)
    logs = sorted(samples.glob("*.log"))
    archive.add(logs[:9], tags={"room": "cold"})
    archive.add(logs[9:])
    return archive


@pytest.fixture
def blocks(root):
    """The Python and SQL blocks of the page behind the ten questions, in order."""
    found = BLOCK.findall((root / "docs" / "archive.md").read_text("utf-8"))
    assert [language for language, _ in found] == ["sql", "python", "sql", "python"]
    return [text for _, text in found[1:]]


@pytest.mark.usefixtures("lab")
def test_three_lines_of_pandas(blocks, capsys):
    """The pandas user's lines."""
    exec(blocks[0], {})  # noqa: S102 - that is what a reader does with it
    assert "GeForce GTX 1050 Ti" in capsys.readouterr().out


@pytest.mark.parametrize("compacted", [False, True])
def test_three_lines_of_sql(lab, blocks, compacted):
    """DuckDB without logreport gives what the archive's own view gives, also of what was merged and not removed."""
    duckdb = pytest.importorskip("duckdb")
    sql = "SELECT phase, count(*) AS n, max(examples_per_second) AS best FROM phases GROUP BY phase ORDER BY phase"
    expected = lab.query(sql).values.tolist()
    if compacted:
        assert lab.compact().merged == 2
    with duckdb.connect() as connection:
        statements = [text for text in blocks[1].split(";\n") if text.strip()]
        assert len(statements) == 3
        for text in statements[:2]:
            connection.execute(text)
        assert sorted(map(list, connection.execute(statements[2]).fetchall())) == expected


@pytest.mark.usefixtures("lab")
def test_three_lines_of_polars(blocks, capsys):
    """The Polars user's lines."""
    pytest.importorskip("polars")
    exec(blocks[2], {})  # noqa: S102 - that is what a reader does with it
    assert "forward_backward" in capsys.readouterr().out
