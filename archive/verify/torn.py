"""What recoveries set aside: `….torn` files hold the bytes of a record that a death cut off, and never a whole record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.errors import DamagedArchive
from archive.files.inside import open_file
from archive.warc.members import BrokenMember, iter_members
from archive.warc.records import parse_record
from extract.messages import localizable

if TYPE_CHECKING:
    from archive.files.folder import Archive
    from archive.verify.claims import ClaimJudgement

SUFFIX = ".torn"


def check_torn(archive: Archive, judged: ClaimJudgement) -> None:
    """Note each file that a recovery set aside; one that holds whole records was put there by somebody else."""
    for path in sorted(archive.warc_dir.glob(f"*{SUFFIX}")):
        whole = 0
        try:
            stream = open_file(path)
        except OSError:
            judged.damaged("can't be read, or is no file", path.name, "unlisted")
            continue
        with stream:
            try:
                for member in iter_members(stream):
                    parse_record(member.data, path.name, member.offset, member.length)
                    whole += 1
            except (BrokenMember, DamagedArchive):
                pass  # what is torn, as it should be
        if whole:
            message = localizable(
                f"{path.name} holds {whole} whole records: a recovery sets aside only what is torn, so a segment was put out of the chain"
            )
            judged.damaged(message, path.name.removesuffix(SUFFIX), "unlisted")
        else:
            judged.notes.append(f"{path.name}: bytes that a recovery cut off, kept aside")
