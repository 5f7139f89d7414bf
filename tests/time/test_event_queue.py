"""Order of events, cancelling, and the lists for later that keep the heap small."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ip_commands.host_sim.time.event_queue import EventQueue


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(-5, 60_000), st.booleans(), st.lists(st.integers(0, 20_000), max_size=2)
        ),
        max_size=30,
    ),
    st.lists(st.integers(0, 30_000), max_size=5),
)
def test_everything_happens_once_in_order(
    asked: list[tuple[int, bool, list[int]]], stops: list[int]
) -> None:
    queue = EventQueue(1_000_000)
    happened: list[tuple[int, int]] = []
    expected: list[tuple[int, int]] = []
    number = 0

    def happen(index: int, due_ms: int, again: list[int]) -> None:
        assert queue.now_ms == due_ms
        happened.append((due_ms, index))
        for delay_ms in again:
            ask(delay_ms, False, [])

    def ask(delay_ms: int, cancelled: bool, again: list[int]) -> None:
        nonlocal number
        number += 1
        due_ms = queue.now_ms + max(0, delay_ms)
        event = queue.at(queue.now_ms + delay_ms, happen, number, due_ms, again)
        assert event.at_ms == due_ms
        if cancelled:
            event.cancel()
        else:
            expected.append((due_ms, number))

    for delay_ms, cancelled, again in asked:
        ask(delay_ms, cancelled, again)
    for stop_ms in stops:
        queue.run_until(queue.now_ms + stop_ms)
        due = queue.next_at_ms()
        assert due is None or due > queue.now_ms
        left = [at_ms for at_ms, index in expected if (at_ms, index) not in happened]
        assert due == (min(left) if left else None)
    queue.run_until(queue.now_ms + 200_000)
    assert happened == sorted(expected)
    assert queue.happened == len(happened)
    assert queue.next_at_ms() is None


def test_equal_times_keep_the_order_in_which_they_were_asked() -> None:
    queue = EventQueue()
    order: list[int] = []
    for number in range(100):
        queue.at(50_000, order.append, number)
    queue.run_until(50_000)
    assert order == list(range(100))


def test_an_earlier_event_is_announced() -> None:
    queue = EventQueue()
    announced: list[int | None] = []
    queue.on_earlier = lambda: announced.append(queue.next_at_ms())
    queue.at(100_000, print)
    queue.at(50_000, print)
    queue.at(60_000, print)
    queue.at(49_999, print)
    assert announced[0] == 100_000
    assert announced[-1] == 49_999
    assert min(at for at in announced if at is not None) == 49_999


def test_an_event_may_cancel_another_of_the_same_instant() -> None:
    queue = EventQueue()
    other = []
    queue.at(5, lambda: late.cancel())
    late = queue.at(5, other.append, 1)
    queue.run_until(10)
    late.cancel()
    assert other == []


def test_time_is_right_after_an_error() -> None:
    queue = EventQueue()
    queue.at(5, lambda: 1 / 0)
    queue.at(7, lambda: None)
    try:
        queue.run_until(10)
    except ZeroDivisionError:
        assert queue.now_ms == 5
    queue.run_until(10)
    assert (queue.now_ms, queue.happened) == (10, 2)
