"""What is printed in columns is plain text, whoever wrote it."""

from __future__ import annotations

from wmframe.cli.text import echo_columns


def test_words_of_strangers_cannot_move_a_terminal(capsys):
    echo_columns([("label", "\x1b[2J\u202elift"), ("frames", "7")])
    assert capsys.readouterr().out == "label   \\x1b[2J\\u202elift\nframes  7\n"
