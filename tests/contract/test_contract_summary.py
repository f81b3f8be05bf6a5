from tests.contract.summary import render_skips


def test_skips_are_counted_by_target_and_reason() -> None:
    skips = [
        ("local", "throttled: no network"),
        ("confluent-8.1", "metadata: dropped"),
        ("local", "throttled: no network"),
    ]

    assert render_skips(skips) == ["confluent-8.1: 1 x metadata: dropped", "local: 2 x throttled: no network"]
