"""What a declaration refuses."""

from __future__ import annotations

from typing import Any

import pytest

from gramian.labs import Claim, Lab, get_lab, lab_names, negative, positive

SMALL = Claim("small", "text", "value", "<", 1.0)
SOUND = positive("sound", "text", claim="small")
BROKEN = negative("broken", "text", claim="small")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"id": "Bad Id"}, "Claim: id must be lower-case words with hyphens, got 'Bad Id'"),
        ({"kind": "sure"}, "Claim c: kind must be one of 'exact', 'numeric'"),
        ({"relation": "~"}, "Claim c: relation must be one of '<', '<='"),
        ({"relation": "in"}, r"Claim c: threshold must be \(low, high\), got 1.0"),
        ({"threshold": float("nan")}, "Claim c: threshold must be a finite number, got nan"),
        ({"modes": ("slow",)}, "Claim c: modes must be one of 'quick', 'full', got 'slow'"),
        ({"kind": "exact"}, "Claim c: relation must be '==' for an exact claim"),
        ({"relation": "=="}, "Claim c: relation must be '==' for an exact claim"),
    ],
)
def test_a_claim(options: dict[str, Any], message: str) -> None:
    fields = {"id": "c", "text": "t", "measurement": "m", "relation": "<", "threshold": 1.0}
    with pytest.raises(ValueError, match=message):
        Claim(**{**fields, **options})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"topic": "biology"}, "Lab tiny: topic must be one of 'arithmetic'"),
        ({"claims": (SMALL, SMALL)}, "Lab tiny: claims must be of different ids, got 'small'"),
        ({"controls": (SOUND, SOUND)}, "Lab tiny: controls must be of different ids"),
        ({"controls": (SOUND,)}, "Lab tiny: controls must hold a negative one, got none"),
        ({"controls": (BROKEN,)}, "Lab tiny: controls must hold a positive one, got none"),
        (
            {"controls": (SOUND, negative("b", "text", claim="large"))},
            "Lab tiny: claim of control b must be one of 'small', got 'large'",
        ),
        ({"full": {"m": 3}}, "Lab tiny: full must be one of 'n', got 'm'"),
        ({"seconds": (0, 1)}, "Lab tiny: seconds must be a finite number in"),
        ({"version": 0}, "Lab tiny: version must be an int in"),
    ],
)
def test_a_lab(lab: Any, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        lab(SMALL, **changes)


def test_a_control_with_an_impossible_demand() -> None:
    with pytest.raises(ValueError, match="Control n: relation of must must be one of"):
        negative("n", "text", claim="small", must=("~", 1.0))


def test_modes(lab: Any) -> None:
    made = lab(seconds=(2, 90))
    assert made.parameters("quick") == {"n": 3}
    assert made.parameters("full") == {"n": 30}
    assert (made.budget("quick"), made.budget("full")) == (2, 90)
    assert made.faults == ("broken",)


def test_labs_are_found_by_their_files() -> None:
    assert {"broadcast-shapes", "deep-sets"} <= set(lab_names())
    for name in lab_names():
        assert isinstance(get_lab(name), Lab)
        assert get_lab(name).name == name
    with pytest.raises(ValueError, match=r"get_lab: name must be one of .*, got 'none'"):
        get_lab("none")
