"""Pictures of skies and floors: noise, and photographs that a user installs."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from PIL import Image

from wmframe.cli import main
from wmframe.errors import DamagedError, MissingError
from wmframe_dmc_remastered import assets, noise, textures
from wmframe_dmc_remastered.assets import install
from wmframe_dmc_remastered.config import DmcRemasteredConfig
from wmframe_dmc_remastered.looks import draw_look
from wmframe_dmc_remastered.suite import DmcRemasteredSuite
from wmframe_dmc_remastered.textures import Kind, Photos, Procedural, choose

FEW = {"floors": Kind(5, 300), "skies": Kind(3, 800)}


@pytest.fixture
def few(monkeypatch):
    """As if the publisher had three skies and five floors."""
    for module in (assets, textures):
        monkeypatch.setattr(module, "KINDS", FEW)


def write(folder, kinds):
    """A download in the publisher's layout: numbered pictures, each of one colour."""
    for name, kind in kinds.items():
        (folder / name).mkdir(parents=True)
        for number in range(kind.number):
            colour = (number % 256, number // 256, 7, 90)
            image = Image.new("RGBA", (kind.side, kind.side), colour)
            image.save(folder / name / f"picture_{number:04d}.png")
    return folder


@pytest.fixture
def source(few, tmp_path):
    return write(tmp_path / "download", FEW)


@pytest.fixture
def target(tmp_path):
    return tmp_path / "kept"


def test_noise_is_the_same_for_a_number_and_differs_between_numbers():
    for draw, side in ((noise.sky, 256), (noise.floor, 128)):
        pictures = [draw(number) for number in range(8)]
        assert all(p.shape == (side, side, 3) and p.dtype == np.uint8 for p in pictures)
        assert len({p.mean((0, 1)).round().tobytes() for p in pictures}) == 8
        assert all(p.std() > 5 for p in pictures)
        np.testing.assert_array_equal(pictures[3], draw(3))


def test_noise_is_the_same_on_every_machine():
    means = [noise.sky(0).mean((0, 1)), noise.floor(0).mean((0, 1))]
    np.testing.assert_allclose(means, [[109.4, 174.9, 165.9], [143.9, 127.1, 146.0]], atol=0.5)


def test_floors_tile_without_a_seam():
    surface = noise.fractal(np.random.RandomState(0), 64, cells=4)
    inside = np.abs(np.diff(surface, axis=0)).max()
    assert np.abs(surface[0] - surface[-1]).max() <= 1.5 * inside


def test_textures_are_installed_once_all_are_there(source, target):
    assert install(source, target) == ["8 textures are there, 8 of them new"]
    photos = Photos(target)
    np.testing.assert_array_equal(photos.sky(2)[0, 0], (2, 0, 7))
    assert photos.floor(0).shape == (300, 300, 3)
    assert photos.facts()["assets"] == "photos"
    assert install(source, target) == ["8 textures are there, 0 of them new"]
    assert not list(target.rglob("*.tmp"))


@pytest.mark.parametrize("inside", ["assets", "dmc_remastered/assets"])
def test_the_publishers_repository_can_be_given_itself(source, target, tmp_path, inside):
    (tmp_path / "clone" / inside).parent.mkdir(parents=True)
    shutil.move(source, tmp_path / "clone" / inside)
    assert len(install(tmp_path / "clone", target)) == 1


def damage(folder):
    """Five ways in which a file can be bad, and how each is named."""
    floors = folder / "floors"
    whole = (floors / "picture_0000.png").read_bytes()
    (floors / "picture_0000.png").write_bytes(whole[: len(whole) // 2])
    (floors / "picture_0001.png").write_bytes(b"")
    Image.new("RGB", (64, 32)).save(floors / "picture_0002.png")
    Image.new("RGB", (300, 300)).save(floors / "picture_0003.png", format="JPEG")
    (floors / "picture_0004.png").rename(floors / "picture_0004 (1).png")
    (folder / "skies" / "picture_0001.png").write_bytes(b"no picture")


def test_every_damaged_file_is_named_with_the_reason_and_the_rest_is_kept(source, target):
    damage(source)
    with pytest.raises(DamagedError) as caught:
        install(source, target)
    text = str(caught.value)
    for words in (
        "6 of the files cannot be used",
        "floors/picture_0000.png: cannot be decoded",
        "floors/picture_0001.png: empty",
        "floors/picture_0002.png: 64x32 pixels, not 300x300",
        "floors/picture_0003.png: JPEG RGB, not a PNG",
        "floors/picture_0004 (1).png: the publisher has no such name",
        "skies/picture_0001.png: cannot be decoded",
        "download them again",
    ):
        assert words in text
    assert sorted(path.name for path in (target / "skies").iterdir()) == [
        "picture_0000.png",
        "picture_0002.png",
    ]
    assert not (target / "manifest.json").exists()


def test_an_installation_goes_on_where_it_was(source, target, tmp_path):
    damage(source)
    with pytest.raises(DamagedError):
        install(source, target)
    shutil.rmtree(source)
    assert install(write(source, FEW), target) == ["8 textures are there, 6 of them new"]


def test_a_partial_download_is_used_and_told_from_the_whole(source, target, monkeypatch):
    (source / "skies" / "picture_0001.png").unlink()
    counted, warning = install(source, target)
    assert counted == "7 textures are there, 7 of them new"
    assert "that is 5 of 5 floors, 2 of 3 skies" in warning
    monkeypatch.setattr(textures, "assets_folder", lambda name: target)
    photos = choose("")
    partial = photos.facts()
    assert partial["assets"] == "photos: 5 of 5 floors, 2 of 3 skies"
    reds = [int(photos.sky(number)[0, 0, 0]) for number in range(3)]
    assert reds == [0, 2, 0]
    shutil.rmtree(source)
    assert install(write(source, FEW), target) == ["8 textures are there, 1 of them new"]
    whole = choose("").facts()
    assert whole["assets"] == "photos" and whole["assets_digest"] != partial["assets_digest"]


def test_without_any_picture_of_a_kind_nothing_is_used(source, target, monkeypatch):
    shutil.rmtree(source / "skies")
    with pytest.raises(MissingError, match="5 of 5 floors, 0 of 3 skies"):
        install(source, target)
    monkeypatch.setattr(textures, "assets_folder", lambda name: target)
    assert isinstance(choose(""), Procedural)
    with pytest.raises(MissingError, match="0 of 3 skies"):
        choose(str(source))


def test_what_is_no_picture_is_ignored_and_told(source, target):
    (source / "floors" / "Thumbs.db").write_bytes(b"x")
    (source / "floors" / ".DS_Store").write_bytes(b"x")
    lines = install(source, target)
    assert lines[:2] == ["ignored floors/.DS_Store", "ignored floors/Thumbs.db"]


def test_pictures_that_are_not_the_publishers_are_not_mixed_in(source, target):
    Image.new("RGBA", (800, 800)).save(source / "skies" / "mine.png")
    with pytest.raises(DamagedError, match="4 of 3 skies"):
        install(source, target)


def test_a_folder_without_floors_and_skies_is_refused(tmp_path, target):
    with pytest.raises(MissingError, match="no folders floors and skies"):
        install(tmp_path, target)


def test_the_command_installs_and_runs_say_that_they_use_photographs(
    source, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("WMFRAME_ASSETS", str(tmp_path / "assets"))
    assert (
        DmcRemasteredSuite(DmcRemasteredConfig(task="walker_walk")).facts()["assets"]
        == "procedural"
    )
    with pytest.raises(SystemExit) as done:
        main(["assets", "dmc_remastered", "--from", str(source)])
    assert done.value.code == 0
    assert "8 textures are there" in capsys.readouterr().out
    facts = DmcRemasteredSuite(DmcRemasteredConfig(task="walker_walk")).facts()
    assert facts["assets"] == "photos" and len(facts["assets_digest"]) == 16
    forced = DmcRemasteredSuite(DmcRemasteredConfig(task="walker_walk", assets="procedural"))
    assert forced.facts()["assets"] == "procedural"


@pytest.mark.gl
def test_photographs_are_drawn_in_the_order_of_their_names(tmp_path, make, picture):
    """As many as the publisher's, so that the numbers that seeds draw fit."""
    small = {name: kind._replace(side=8) for name, kind in textures.KINDS.items()}
    folder = write(tmp_path / "all", small)
    env = make("walker_walk", assets=str(folder), vary=("bg",))
    seen = {}
    for seed in (1, 2):
        image, number = picture(env, seed), draw_look(seed, "walker", ("bg",)).sky
        seen[number] = image[2, 2].astype(int)
    for number, colour in seen.items():
        assert abs(colour[0] - number) <= 3 and abs(colour[2] - 7) <= 3
