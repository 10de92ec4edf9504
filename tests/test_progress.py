"""Progress: every item passes through; a log gets a line now and then, and none for a short loop."""

import pytest

from zpoints import progress


def test_all_items_pass_through_in_order_and_a_short_loop_is_silent(capsys):
    assert list(progress.track(range(5), label="short")) == [0, 1, 2, 3, 4]
    assert capsys.readouterr().err == ""


def test_a_long_loop_says_in_a_log_how_far_it_has_come(capsys, monkeypatch):
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.0)
    list(progress.track(iter("abc"), total=3, label="letters"))
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(" after")[0] for line in lines] == ["letters: 1 of 3", "letters: 2 of 3", "letters: 3 of 3"]
    assert [line.endswith(" left") for line in lines] == [True, True, False]


def test_a_log_tells_the_time_left(capsys, monkeypatch):
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 10.0)
    times = iter([0.0, 40.0, 100.0, 121.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(times))
    list(progress.track("abc", label="letters"))
    assert capsys.readouterr().err.splitlines() == [
        "letters: 1 of 3 after 40 s, about 80 s left",
        "letters: 2 of 3 after 2 min, about 50 s left",
        "letters: 3 of 3 after 2 min",
    ]


def test_a_terminal_gets_a_bar(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert list(progress.track([1, 2], label="bar")) == [1, 2]
    assert "bar" in capsys.readouterr().err


def test_there_is_at_least_one_worker():
    assert progress.workers() >= 1


@pytest.mark.parametrize(("seconds", "text"), [(5, "5 s"), (600, "10 min"), (9000, "2.5 h")])
def test_durations_are_as_people_say_them(seconds, text):
    assert progress.duration(seconds) == text
