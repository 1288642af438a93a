"""``wmframe videos``: pack raw videos into shards, and inspect shards."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from wmframe import limits
from wmframe.cli.quick import QuickCommand, QuickGroup
from wmframe.cli.text import echo_columns, finite
from wmframe.errors import printable

if TYPE_CHECKING:
    from wmframe.data.shards.shard_set import ShardSet
    from wmframe.data.shards.summary import Summary

LABELS: Final = 8
"""Number of labels that ``inspect`` shows."""

videos = typer.Typer(
    cls=QuickGroup, no_args_is_help=True, help="Pack videos into shards, and inspect shards."
)

Folder = Annotated[
    Path, typer.Argument(metavar="SHARDS", help="A packed folder, or the folder of one split.")
]


class Payload(StrEnum):
    """Payload formats; the values of :data:`wmframe.data.shards.payload.Kind`."""

    STRIP = "strip"
    NPY = "npy"


@videos.command(cls=QuickCommand)
def pack(
    name: Annotated[str, typer.Argument(help="A dataset, see list-plugins --components.")],
    out: Annotated[Path, typer.Option(help="Output folder; each split gets a subfolder.")],
    root: Annotated[Path, typer.Option(help="Folder of the raw videos.")] = Path(),
    split: Annotated[
        list[str] | None, typer.Option(help="train or val; may be repeated; both by default.")
    ] = None,
    size: Annotated[
        int, typer.Option(min=8, max=limits.SIDE, help="Frames become SIZE x SIZE pixels.")
    ] = 64,
    payload: Annotated[
        Payload, typer.Option(help="strip is small, npy is fastest to read.")
    ] = Payload.STRIP,
    processes: Annotated[
        int | None,
        typer.Option(
            min=0, max=limits.PROCESSES, help="Decoding processes; one per core by default."
        ),
    ] = None,
    shard_mb: Annotated[
        float, typer.Option(min=0, max=2**20, callback=finite, help="Size of a shard in MiB.")
    ] = 256,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting of the dataset; repeatable."),
    ] = None,
) -> None:
    """Pack raw videos into shards; interrupted packing resumes, bad files are reported."""
    from wmframe.cli.packing import build_dataset, pack_with_progress, remarks_on

    dataset = build_dataset(name, overrides or ())
    for each in split or ("train", "val"):
        report = pack_with_progress(
            dataset,
            root=root,
            out=out,
            split=each,
            size=size,
            payload=payload.value,
            processes=processes,
            shard_mb=shard_mb,
        )
        figures = ", ".join(f"{count:,} {what}" for what, count in report.counts.items())
        typer.echo(f"{report.folder}: {figures}, {len(report.bad)} bad")
        for remark in remarks_on(report):
            typer.echo(f"{report.folder}: {remark}")
        if not report.counts["videos"]:
            raise typer.Exit(1)


@videos.command(cls=QuickCommand)
def inspect(folder: Folder) -> None:
    """Show statistics of shards: videos, frames, bytes, lengths, labels; published counts."""
    from wmframe.data.shards.summary import summarize

    for clips in open_shards(folder):
        typer.echo(printable(str(clips.folder)))
        echo_columns(rows_of(summarize(clips)), indent=2)


@videos.command(cls=QuickCommand)
def preview(
    folder: Folder,
    out: Annotated[Path, typer.Option(help="Output folder.")] = Path("preview"),
    count: Annotated[int, typer.Option(min=1, max=limits.EPISODES, help="Videos to show.")] = 16,
    length: Annotated[
        int, typer.Option(min=1, max=limits.LENGTH, help="Frames of the video clips.")
    ] = 50,
    seed: Annotated[int, typer.Option(min=0, max=limits.SEED, help="Fixes which.")] = 0,
) -> None:
    """Write a contact sheet (PNG) and a video of several clips (MP4)."""
    from wmframe.data.shards.preview import write_preview

    for clips in open_shards(folder):
        for path in write_preview(clips, out, count=count, length=length, seed=seed):
            typer.echo(path)


@videos.command(cls=QuickCommand)
def verify(
    folder: Folder,
    threads: Annotated[
        int, typer.Option(min=1, max=limits.PROCESSES, help="Clips decoded in parallel.")
    ] = 2,
) -> None:
    """Decode every clip and compare its hash; report damage, and exit with 1 if there is any."""
    from wmframe.data.shards.summary import faults, summarize

    damaged = 0
    for clips in open_shards(folder):
        found = 0
        for index, fault in faults(clips, threads):
            typer.echo(printable(f"{clips.path_of(index)}: clip {clips.clips[index].key}: {fault}"))
            found += 1
        lost = len(clips.skipped)
        typer.echo(
            f"{clips.folder}: {len(clips) - found} clips are whole, {found} damaged; "
            f"{lost} shards cannot be read"
        )
        for remark in summarize(clips).remarks:
            typer.echo(f"{clips.folder}: {remark}")
        damaged += found + lost
    if damaged:
        raise typer.Exit(1)


def open_shards(folder: Path) -> Iterator[ShardSet]:
    """Each split in a folder; unreadable shards are reported."""
    from wmframe.data.shards.shard_set import ShardSet
    from wmframe.data.shards.summary import split_folders

    for path in split_folders(folder):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            clips = ShardSet(path, damaged="skip")
        for error in clips.skipped:
            typer.echo(printable(error.message))
        yield clips


def rows_of(found: Summary) -> list[tuple[str, str]]:
    """A summary as text."""
    shortest, low, median, high, longest = found.lengths
    labels = [f"{label} ({count:,})" for label, count in list(found.labels.items())[:LABELS]]
    payloads = " and ".join(found.payloads)
    published = ["; ".join(found.remarks) or "all of it is here"] if found.expected else []
    return [
        ("dataset", found.dataset),
        ("videos", f"{found.videos:,}; {found.bad:,} bad ones were left out"),
        *(("published", text) for text in published),
        ("frames", f"{found.frames:,} of {found.size}x{found.size} pixels"),
        ("lengths", f"{shortest} to {longest} frames, median {median}, half from {low} to {high}"),
        ("shards", f"{found.shards:,}, {found.bytes / 2**20:,.1f} MiB of {payloads}"),
        ("bytes per frame", f"{found.bytes / found.frames:,.0f}"),
        ("labels", ", ".join([f"{len(found.labels):,}", *labels])),
        ("fingerprint", found.fingerprint),
    ]
