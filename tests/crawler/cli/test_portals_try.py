"""`ogi portals --try`: what a harvest would make of a definition's lists, without storing anything."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from crawler.cli.portals import portals
from tests.crawler.sites import Page, serve_site

ROWS = [{"title": f"示例县第{n}局2022年政府信息公开工作年度报告", "url": f"/nb/{n}.html"} for n in range(3)]
TABLE = '[[list]]\nurl = "/api?page={page}"\nanswer = "json"\nrows = "rows"\ntitle = "title"\nlink = "url"\ntotal = "total"\n'


def run(tmp_path: Path, total: int, *options: str) -> tuple[int, str]:
    with serve_site() as site:
        answer = json.dumps({"rows": ROWS, "total": total}, ensure_ascii=False)
        site.pages = {"/nb/": Page("<html><body><div id=app></div></body></html>")}
        site.pages |= {f"/api?page={n}": Page(answer) for n in (1, 2)}
        file = tmp_path / "a.toml"
        file.write_text(
            f'[portal]\nid = "a"\nname = "示例县人民政府"\nstart = ["{site.base}/nb/"]\n{TABLE}', encoding="utf-8"
        )
        done = CliRunner(env={"OGI_ARCHIVE": str(tmp_path / "none")}).invoke(
            portals, ["--try", str(file), *options], standalone_mode=False
        )
    assert done.exception is None, done.output
    return int(done.return_value), done.output


def test_a_list_is_shown_with_rows_requests_and_proof(tmp_path: Path) -> None:
    status, said = run(tmp_path, 3)
    assert status == 0
    assert "whole, by total: total = 3" in said
    assert "示例县第2局2022年政府信息公开工作年度报告" in said
    assert "/api?page=1" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.toml"]


def test_an_incomplete_list_says_why(tmp_path: Path) -> None:
    status, said = run(tmp_path, 9, "--json")
    found = json.loads(said)
    assert status == 1
    assert (found["portal"], found["whole"], found["proof"], len(found["entries"])) == ("a", False, None, 3)
    assert "counts 9 rows, 3 came" in found["reason"]
