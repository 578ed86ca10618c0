"""Families of other packages: found by their entry points, named where something is wrong with them, and never passed over."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from archive.files.folder import Archive
from archive.files.plugins import distributions
from archive.warc.records import iter_records
from archive.work.release import extractor_version, release
from crawler.families import Family, FamilyError, Sign, open_walk
from crawler.families.article import read_article
from crawler.families.detect import detect_text
from crawler.families.reference import renewed
from crawler.families.registry import BUILT_IN, build, registry
from crawler.pages.exchange import NextRequest, PageBytes
from tests.crawler.sites import Page, report, serve_site

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
PLUGIN = ROOT / "tests/fixtures/plugin_family"
LIST = '<html><title>政府信息公开年报</title><pre class="pipes">\n/paper/1|示例市人民政府2020年政府信息公开工作年度报告|2021-03-01\nend|1\n</pre></html>'


def installed(folder: Path, entry_points: str | None = None) -> Path:
    """What pip leaves of the plugin: its module, and a dist-info with the entry points."""
    shutil.copy(PLUGIN / "ogi_plugin_family.py", folder)
    info = folder / "ogi_plugin_family-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ogi-plugin-family\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(entry_points or "[ogi_archive.families]\npipes = ogi_plugin_family:FAMILY\n")
    return folder


def ogi(*arguments: str, path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "crawler", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(str(installed(tmp_path)))
    registry.cache_clear()
    yield tmp_path
    registry.cache_clear()
    sys.modules.pop("ogi_plugin_family", None)


def test_a_family_of_another_package_is_one_like_the_others(plugin: Path) -> None:
    page = PageBytes("http://a.gov.cn/x", 200, (), LIST.encode(), NextRequest("http://a.gov.cn/x"))
    assert detect_text(LIST, page.url).family == "pipes"
    walk = open_walk("auto", "http://a.gov.cn/x")
    walk.start()
    step = walk.feed(page)
    assert [entry.url for entry in step.entries] == ["http://a.gov.cn/paper/1"]
    assert step.complete
    assert registry().names["pipes-cms"] == "pipes"


def test_its_rules_for_articles_count(plugin: Path) -> None:
    assert registry().is_article("http://a.gov.cn/paper/7")
    body = b'<div class="pipes-body"><img src="/scan.png"></div>'
    assert [link.url for link in read_article(body, "http://a.gov.cn/paper/7").images] == ["http://a.gov.cn/scan.png"]


def test_it_stands_in_what_workers_compare(plugin: Path) -> None:
    assert distributions() == ("ogi-plugin-family/1.2",)
    assert release() == f"{extractor_version()} ogi-plugin-family/1.2"


def test_a_portal_of_such_a_family_is_harvested(tmp_path: Path) -> None:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    archive = Archive.create(tmp_path / "archive")
    with serve_site() as site:
        site.pages = {"/x": Page(LIST), "/paper/1": Page(report("示例市人民政府2020年政府信息公开工作年度报告", 1))}
        definition = tmp_path / "a.toml"
        definition.write_text(
            f'[portal]\nid = "a"\nname = "示例市人民政府"\nplatform = "pipes-cms"\nstart = ["{site.base}/x"]\ndelay = 0.0\n'
        )
        done = ogi(
            "harvest",
            "--archive",
            str(archive.root),
            "--portals",
            str(definition),
            path=installed(folder),
        )
    assert done.returncode == 0, done.stderr
    (segment,) = (path for path in archive.warc_dir.glob("*.warc.gz") if not path.name.endswith("-proof.warc.gz"))
    info = next(iter(iter_records(segment)))
    assert b"ogi-plugin-family/1.2" in info.content


@pytest.mark.parametrize(
    ("command", "entry_points", "said"),
    [
        ("harvest", "pipes = nowhere:FAMILY", "its entry point does not load (ModuleNotFoundError"),
        ("portals", "pipes = nowhere:FAMILY", "its entry point does not load (ModuleNotFoundError"),
        ("portals", "pipes = ogi_plugin_family:PipesReader", "gives something that is no crawler.families.Family"),
        ("portals", "trs = trs_of_ours:FAMILY", "the name 'trs' is taken by ogi-archive"),
        ("portals", "bare = bare_sign:FAMILY", "a sign without a rank"),
        ("portals", "odd = odd_name:FAMILY", "is no name: small letters"),
    ],
)
def test_a_family_that_cannot_be_used_ends_in_one_line(
    tmp_path: Path, command: str, entry_points: str, said: str
) -> None:
    folder = installed(tmp_path, f"[ogi_archive.families]\n{entry_points}\n")
    make = "from crawler.families import Family, Sign\nFAMILY = Family({}, None, signs=(Sign({}, '', 'x'),))\n"
    (folder / "trs_of_ours.py").write_text(make.format("'trs'", 1))
    (folder / "bare_sign.py").write_text(make.format("'bare'", None))
    (folder / "odd_name.py").write_text(make.format("'Odd name'", 1))
    Archive.create(tmp_path / "archive")
    done = ogi(command, "--archive", str(tmp_path / "archive"), path=folder)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "ogi-plugin-family" in done.stderr
    assert said in done.stderr


def test_two_families_of_one_name_are_an_error() -> None:
    one, two = (Family("one", BUILT_IN[0].open, aliases=("both",)), Family("two", BUILT_IN[0].open, aliases=("both",)))
    with pytest.raises(FamilyError, match="pkg-b: family 'two': the name 'both' is taken by pkg-a"):
        build([("pkg-a", "one", one), ("pkg-b", "two", two)])


def test_signs_are_looked_for_by_rank_whoever_brings_them() -> None:
    early = Family("early", BUILT_IN[0].open, signs=(Sign(1, "", "x"), Sign(275, "", "y")))
    ranks = [sign.rank for sign, _ in build([("pkg", "early", early)]).signs]
    assert ranks == sorted(ranks)
    assert (ranks[0], ranks[-1]) == (1, 275)


def test_built_in_signs_have_ranks_of_their_own() -> None:
    ranks = [sign.rank for family in BUILT_IN for sign in family.signs]
    assert len(ranks) == len(set(ranks))
    assert (min(ranks), max(ranks)) == (10, 270)


def test_the_table_of_families_is_fresh() -> None:
    text = (ROOT / "docs/portals.md").read_text("utf-8")
    assert text == renewed(text), "run `make docs`"


@pytest.mark.slow
def test_the_example_is_a_package_that_pip_installs(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True, capture_output=True)
    (site_packages,) = venv.glob("lib/python*/site-packages")
    # What the example needs is here already; only the example itself is installed.
    (site_packages / "ours.pth").write_text(f"{ROOT}\n{sysconfig.get_path('purelib')}\n")
    copy = shutil.copytree(PLUGIN, tmp_path / "plugin", ignore=shutil.ignore_patterns("__pycache__"))
    pip = [str(venv / "bin/python"), "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", str(copy)]
    subprocess.run(pip, check=True, capture_output=True)
    command = [str(venv / "bin/python"), "-m", "scrapy", "list"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "pipes" in done.stdout.split()
