"""The pictures of the README and the tour: pages of the two demos as they are, `python .ci/pictures.py SEASON COUNTRY [NAME...]` (archives of `ogi demo`
and `ogi demo --country`, each made with `--archive DIR --no-serve`; the pictures of these names, all of them if none is given). Needs the extra "dev" and Debian's Chromium.
"""

from __future__ import annotations

import io
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from PIL import Image

from tests.archive.site_archive import serving

IMAGES = Path(__file__).parents[1] / "docs" / "img"
COLOURS = 128  # of a picture of text and tables nobody misses more


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: its name, the address, the window, and whether it is dark."""

    name: str
    path: str
    width: int = 1360
    height: int = 900
    is_dark: bool = False


OF_SEASON = (
    Shot("report", "/r/ouhai-2020-5290cd?at=disclosure.penalties.decisions", height=1150),
    Shot("diff", "/changes?kind=revised&table=disclosure"),
)
OF_COUNTRY = (
    Shot("stats", "/stats", height=1100),
    Shot("indicator-dark", "/stats/granted_share", height=1100, is_dark=True),
    Shot("region", "/region/330000", height=1100),
)


def main() -> int:
    """Take all pictures."""
    from playwright.sync_api import sync_playwright

    season, country = (Path(argument) for argument in sys.argv[1:3])
    wanted = set(sys.argv[3:])
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        for archive, all_shots in ((season, OF_SEASON), (country, OF_COUNTRY)):
            shots = [shot for shot in all_shots if not wanted or shot.name in wanted]
            if not shots:
                continue
            with serving(archive) as base:
                for shot in shots:
                    _take(browser, base, shot)
        browser.close()
    return 0


def _take(browser: Any, base: str, shot: Shot) -> None:
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height}, color_scheme="dark" if shot.is_dark else "light"
    )
    tab = context.new_page()
    tab.goto(base + shot.path)
    if shot.name == "diff":  # from the stream to the changed cell, as a reader goes
        tab.locator("main ul.stream a[href*='/diff/']").last.click()
        tab.frame_locator(".pair iframe >> nth=1").locator("#ogi-mark").wait_for()
    picture = Image.open(io.BytesIO(tab.screenshot())).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(IMAGES / f"{shot.name}.png", optimize=True)
    context.close()


if __name__ == "__main__":
    sys.exit(main())
