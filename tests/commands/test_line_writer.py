"""Lines for whoever reads them, or does not: nothing waits for a reader."""

import io
import os
import threading
import time

import pytest

from ip_commands.host_sim.commands.line_writer import LineWriter


def told(count):
    return f"{count} dropped"


class Pipe:
    """A pipe and the writer into it."""

    def __init__(self, most_lines=10):
        self.read_end, write_end = os.pipe()
        self.output = os.fdopen(write_end, "w", encoding="utf-8")
        self.gone = threading.Event()
        self.writer = LineWriter(self.output, told, self.gone.set, most_lines)

    def read_all(self):
        """Return the lines that come until the writer's end is closed."""
        with os.fdopen(self.read_end, encoding="utf-8") as lines:
            return lines.read().splitlines()


def test_lines_come_in_order_and_all_of_them():
    pipe = Pipe(most_lines=5000)
    for number in range(2000):
        pipe.writer.line(f"line {number} ü")
    reading = []
    reader = threading.Thread(target=lambda: reading.extend(pipe.read_all()))
    reader.start()
    pipe.writer.close(timeout_s=10)
    pipe.output.close()
    reader.join()
    assert reading == [f"line {number} ü" for number in range(2000)]
    assert pipe.writer.dropped == 0


def test_nobody_reads_and_nobody_waits():
    pipe = Pipe()
    began = time.monotonic()
    for number in range(20_000):
        pipe.writer.line(f"line {number} " + "x" * 100)
    pipe.writer.close(timeout_s=0.1)
    assert time.monotonic() - began < 5
    pipe.output.close()
    whole = [line for line in pipe.read_all() if line.endswith("x" * 100)]
    assert 20_000 - pipe.writer.dropped - len(whole) in (0, 1)  # one may be cut


def test_a_reader_that_comes_late_is_told_how_much_it_missed():
    pipe = Pipe()
    for number in range(5000):
        pipe.writer.line(f"line {number} " + "x" * 100)
    time.sleep(0.3)  # the pipe is full by now, and ten lines wait
    reading = []
    reader = threading.Thread(target=lambda: reading.extend(pipe.read_all()))
    reader.start()
    pipe.writer.close(timeout_s=10)
    pipe.output.close()
    reader.join()
    words = [line for line in reading if line.endswith(" dropped")]
    missed = sum(int(line.split()[0]) for line in words)
    assert missed == pipe.writer.dropped > 0
    assert len(reading) - len(words) + missed == 5000
    assert reading[-1].startswith("line 4999 ")


def test_a_reader_that_goes_is_told():
    pipe = Pipe()
    os.close(pipe.read_end)
    pipe.writer.line("hello")
    assert pipe.gone.wait(5)
    pipe.writer.line("hello?")
    pipe.writer.close()
    pipe.output.close()


def test_a_full_disk_ends_nothing(monkeypatch):
    pipe = Pipe()
    real = os.write
    full = OSError(28, "No space left on device")

    def write(file, data):
        if file == pipe.output.fileno() and data.startswith(b"lost"):
            raise full
        return real(file, data)

    monkeypatch.setattr(os, "write", write)
    pipe.writer.line("lost")
    pipe.writer.line("kept")
    pipe.writer.close()
    assert not pipe.gone.is_set()
    assert pipe.writer.dropped == 1
    pipe.output.close()
    assert pipe.read_all() == ["kept"]


def test_what_is_no_file_gets_lines_at_once():
    output = io.StringIO()
    writer = LineWriter(output, told, lambda: pytest.fail("nobody has gone"))
    writer.line("one")
    assert output.getvalue() == "one\n"
    writer.close()
