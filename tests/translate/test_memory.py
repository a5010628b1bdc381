"""The memory: nothing committed is lost, whatever is done to process, log or disk; whatever is no memory is one clear line."""

from __future__ import annotations

import hashlib
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mt.errors import EngineError, InputError, OptionError, OutputError
from mt.signature import Signature
from mt.translate import database, similar
from mt.translate.memory import MARK, VERSION, Kept, Memory, Record, default_path, existing, key
from mt.types import HUMAN, Hypothesis
from tests.conftest import ROOT

SIGNATURE = Signature.of(model="m", beam=4)
CAT = Hypothesis("Cat", -1.5, 2)

# any character but a line break, which a hypothesis cannot hold; NUL and half characters among them
lines = st.text(st.characters(exclude_characters="\n", exclude_categories=()), max_size=20)
numbers = st.none() | st.floats(max_value=0, allow_nan=False)
words = st.lists(st.sampled_from(["split", "numbers", "a b", "猫"]), max_size=3).map(tuple)
links = st.none() | st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), max_size=3).map(tuple)
sizes = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=3).map(tuple)
plain = st.builds(
    Hypothesis, lines, numbers, st.integers(0, 999), st.booleans(), words, words, st.just(()), links, sizes
)
hypotheses = st.builds(lambda h, others: replace(h, alternatives=tuple(others)), plain, st.lists(plain, max_size=2))


def record(src, hypothesis=CAT, signature=SIGNATURE, cost=0):
    return Record(key(src, signature), src, hypothesis, cost, "mt")


def child(code, *args, **options):
    """A process of its own that runs some lines, with the names of this module's imports."""
    head = "import sys, os\nfrom pathlib import Path\nfrom mt.signature import Signature\nfrom mt.types import Hypothesis\n"
    head += "from mt.translate.memory import Memory, Record, key\nS = Signature.of(model='m', beam=4)\n"
    return subprocess.Popen(
        [sys.executable, "-c", head + textwrap.dedent(code), *map(str, args)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def answered(process):
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out.strip()


def together(processes):
    """All of them ended, and then all of them well."""
    ends = [(process.communicate(timeout=60)[1], process.returncode) for process in processes]
    assert [code for _, code in ends] == [0] * len(ends), [said for said, code in ends if code]


# keys and rows


def test_a_key_is_blake2b_of_signature_line_feed_and_text():
    # coreutils: printf 'model:m|beam:4\n猫' | b2sum -l 128
    given = "model:m|beam:4\n猫".encode()
    assert key("猫", SIGNATURE) == hashlib.blake2b(given, digest_size=16).digest()
    assert len(key("", SIGNATURE)) == 16
    if shutil.which("b2sum"):
        done = subprocess.run(["b2sum", "-l", "128"], input=given, capture_output=True, check=True)
        assert key("猫", SIGNATURE).hex() == done.stdout.split()[0].decode()


def test_keys_of_half_characters_differ():
    assert len({key(text, SIGNATURE) for text in ("\ud800", "\ud801", "?", "\0", "")}) == 5


@settings(deadline=None)
@given(st.lists(st.tuples(lines, hypotheses, st.integers(0, 10**6)), max_size=5, unique_by=lambda row: row[0]))
def test_every_field_comes_back(rows):
    records = [record(src, hypothesis, cost=cost) for src, hypothesis, cost in rows]
    with Memory(None, SIGNATURE) as memory:
        memory.keep(records)
        assert memory.records([r.key for r in records]) == {r.key: r for r in records}
        answers = {key(src, SIGNATURE): (h, *h.alternatives) for src, h, _ in rows}
        memory.keep_answers(list(answers.items()))
        assert memory.answers(list(answers)) == answers


def test_neighbouring_half_characters_stay_two(tmp_path):
    text = "\ud83d\ude00"  # as escapes in JSON these would come back as one character
    with Memory(tmp_path / "m", SIGNATURE) as memory:
        memory.keep([record(text, Hypothesis(text + "\0x", None, 0))])
    with Memory(tmp_path / "m", SIGNATURE) as memory:
        [found] = memory.records([key(text, SIGNATURE)]).values()
    assert (found.src, found.hypothesis.text) == (text, text + "\0x")
    assert len(found.src) == 2


def test_alternatives_lose_their_own():
    deep = replace(CAT, alternatives=(replace(CAT, text="A cat", alternatives=(CAT,)),))
    with Memory(None, SIGNATURE) as memory:
        memory.keep([record("猫", deep)])
        [found] = memory.records([key("猫", SIGNATURE)]).values()
    assert found.hypothesis == replace(CAT, alternatives=(replace(CAT, text="A cat"),))


def test_more_keys_than_one_statement_takes():
    with Memory(None, SIGNATURE) as memory:
        records = [record(str(n)) for n in range(database.CHUNK * 2 + 5)]
        memory.keep(records)
        keys = [r.key for r in records]
        assert memory.records(keys) == {r.key: r for r in records}
        assert memory.records([]) == {}
        assert memory.records([b"unknown"]) == {}


def test_an_old_sqlite_takes_fewer_variables():
    with Memory(None, SIGNATURE) as memory:
        memory.database._db.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 999)
        memory.keep([record(str(n)) for n in range(2000)])
        assert len(memory.records([key(str(n), SIGNATURE) for n in range(3000)])) == 2000


def test_the_first_answer_and_the_first_record_stay():
    other = replace(CAT, text="Dog")
    with Memory(None, SIGNATURE) as memory:
        for hypothesis in (CAT, other):
            memory.keep_answers([(b"k", (hypothesis,))])
            memory.keep([record("猫", hypothesis)])
        assert memory.answers([b"k"]) == {b"k": (CAT,)}
        assert memory.records([key("猫", SIGNATURE)])[key("猫", SIGNATURE)].hypothesis == CAT


def test_keeping_forgets_in_the_same_commit():
    with Memory(None, SIGNATURE) as memory:
        memory.keep_answers([(b"a", (CAT,)), (b"b", (CAT,))])
        with pytest.raises(sqlite3.ProgrammingError), memory.database.writing() as db:
            db.execute("DELETE FROM answers WHERE key = ?", (b"b",))
            db.execute("DELETE FROM answers WHERE key = ?", (b"b", "one value too many"))
        assert set(memory.answers([b"a", b"b"])) == {b"a", b"b"}
        memory.keep([record("猫")], [b"a", b"never there"])
        assert set(memory.answers([b"a", b"b"])) == {b"b"}


def test_a_transaction_that_fails_leaves_nothing():
    with Memory(None, SIGNATURE) as memory:
        with pytest.raises(ValueError, match="empty"):
            memory.keep_human([("猫", "Cat"), ("", "Dog")], "a")
        assert memory.human(["猫"]) == {}


# people's translations


def test_people_win_by_the_newest_import_whatever_the_signature(tmp_path):
    with Memory(tmp_path / "m", SIGNATURE) as memory:
        memory.keep([record("猫")])
        assert memory.keep_human([("猫", "A cat"), ("犬", "A dog")], "a.tmx") == Kept(new=2)
        assert memory.keep_human([("猫", "The cat"), ("犬", "A dog")], "b.tmx") == Kept(replaced=1, unchanged=1)
    with Memory(tmp_path / "m", Signature.of(model="other")) as memory:
        found = memory.human(["猫", "犬", "鳥"])
        assert {src: (r.hypothesis.text, r.origin) for src, r in found.items()} == {
            "猫": ("The cat", "human:b.tmx"),
            "犬": ("A dog", "human:a.tmx"),
        }
        assert all(r.hypothesis.flags == (HUMAN,) and r.human for r in found.values())
        assert memory.records([key("猫", memory.signature)]) == {}  # a machine's stays with its signature
    with Memory(tmp_path / "m", SIGNATURE, src_lang="ja", tgt_lang="de") as memory:
        assert memory.human(["猫"]) == {}
        assert memory.records([key("猫", SIGNATURE)])[key("猫", SIGNATURE)].hypothesis == CAT


def test_people_do_not_come_in_by_the_machines_door():
    with Memory(None, SIGNATURE) as memory:
        with pytest.raises(ValueError, match="by people"):
            memory.keep([replace(record("猫"), origin="human:a")])
        with pytest.raises(ValueError, match="origin"):
            memory.keep_human([("猫", "Cat")], "")


def test_a_record_is_checked():
    with pytest.raises(ValueError, match="cost"):
        record("猫", cost=-1)
    with pytest.raises(ValueError, match="origin"):
        replace(record("猫"), origin="")


def test_an_origin_may_be_a_file_name_of_odd_bytes():
    with Memory(None, SIGNATURE) as memory:
        memory.keep_human([("猫", "Cat")], os.fsdecode(b"\xff.tmx"))
        assert memory.human(["猫"])["猫"].origin == "human:" + os.fsdecode(b"\xff.tmx")


# stops


def opened(path):
    """Numbers of the commits that a file holds; every commit is whole: as many rows as it was given, 7."""
    with Memory(path, SIGNATURE) as memory:
        assert memory.database.read("PRAGMA integrity_check") == [("ok",)]
        rows = [row[0] for row in memory.database.read("SELECT key FROM answers")]
    commits = [int.from_bytes(name[:4], "big") for name in rows]
    assert all(commits.count(n) == 7 for n in set(commits))
    return sorted(set(commits))


WRITER = """
    rows = (Hypothesis("x" * 300, -1.0, 3),)
    with Memory(Path(sys.argv[1]), S) as memory:
        for n in range(int(sys.argv[2]), 10**6, 2):
            memory.keep_answers([(n.to_bytes(4, "big") + bytes([i]) + os.urandom(8), rows) for i in range(7)])
            print(n, flush=True)
"""


def test_kill_9_while_writing_loses_no_commit(tmp_path):
    path, rng = tmp_path / "m.sqlite", random.Random(7)
    for start in range(5):
        process = child(WRITER, path, start * 100_000)
        told = process.stdout.readline()  # it has begun
        time.sleep(rng.uniform(0, 0.4))
        process.send_signal(signal.SIGKILL)
        told += process.stdout.read()  # communicate() would read past what readline() has already taken from the pipe
        process.communicate()
        # the last line may be cut, and the last commit may be there without its line
        said = [int(x) for x in told.split("\n")[:-1]]
        found = [n for n in opened(path) if n >= start * 100_000]
        assert found[: len(said)] == said
        assert len(found) <= len(said) + 1


def test_a_log_cut_anywhere_holds_the_first_commits(tmp_path):
    path = tmp_path / "m.sqlite"
    memory = Memory(path, SIGNATURE)
    for n in range(30):
        memory.keep_answers([(n.to_bytes(4, "big") + bytes([i]) * 12, (CAT,)) for i in range(7)])
    log = Path(f"{path}-wal").read_bytes()
    main = path.read_bytes()
    memory.close()
    rng, seen = random.Random(3), set()
    for length in [0, 1, 31, 32, 33, len(log), *(rng.randrange(len(log)) for _ in range(25))]:
        folder = tmp_path / f"cut{length}"
        folder.mkdir()
        (folder / "m").write_bytes(main)
        (folder / "m-wal").write_bytes(log[:length])
        found = opened(folder / "m")
        assert found == list(range(len(found)))
        seen.add(len(found))
        assert opened(folder / "m") == found  # and stays so
    assert max(seen) == 30
    assert len(seen) > 5


def test_two_processes_write_at_once(tmp_path):
    code = """
        with Memory(Path(sys.argv[1]), S) as memory:
            for n in range(60):
                rows = [(bytes([int(sys.argv[2]), n, i]), (Hypothesis(sys.argv[2], -1.0, 2),)) for i in range(20)]
                memory.keep_answers(rows + [(b"both" + bytes([n]), (Hypothesis(sys.argv[2], -1.0, 2),))])
                memory.keep([Record(key(f"{sys.argv[2]} {n}", S), "x", Hypothesis("y", -1.0, 2), 0, "mt")])
    """
    path = tmp_path / "new" / "m.sqlite"
    together([child(code, path, n) for n in (1, 2, 3)])
    with Memory(path, SIGNATURE) as memory:
        every = [bytes([w, n, i]) for w in (1, 2, 3) for n in range(60) for i in range(20)]
        assert {name: found[0].text for name, found in memory.answers(every).items()} == {x: str(x[0]) for x in every}
        assert len(memory.answers([b"both" + bytes([n]) for n in range(60)])) == 60
        assert len(memory.records([key(f"{w} {n}", SIGNATURE) for w in (1, 2, 3) for n in range(60)])) == 180
        assert memory.database.read("SELECT count(*) FROM signatures") == [(1,)]


def test_many_processes_make_one_file(tmp_path):
    code = """
        sys.stdin.readline()
        with Memory(Path(sys.argv[1]), S) as memory:
            memory.keep_answers([(sys.argv[2].encode(), (Hypothesis("x", -1.0, 2),))])
    """
    made = [child(code, tmp_path / "m", n, stdin=subprocess.PIPE) for n in range(6)]
    time.sleep(0.5)
    for process in made:
        process.stdin.write("\n")
        process.stdin.flush()
    together(made)
    with Memory(tmp_path / "m", SIGNATURE) as memory:
        assert len(memory.answers([str(n).encode() for n in range(6)])) == 6


def test_many_connections_make_one_file_at_the_same_moment(tmp_path):
    """Forty new files: what one of six finds half made must not be taken for another program's."""
    for number in range(40):
        barrier, errors = threading.Barrier(6), []

        def work(who, path=tmp_path / str(number), barrier=barrier, errors=errors):
            try:
                barrier.wait()
                with Memory(path, SIGNATURE) as memory:
                    memory.keep_answers([(bytes([who]), (CAT,))])
            except Exception as e:
                errors.append(e)

        threads = [threading.Thread(target=work, args=(who,)) for who in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        with Memory(tmp_path / str(number), SIGNATURE) as memory:
            assert len(memory.answers([bytes([who]) for who in range(6)])) == 6


def test_threads_share_one(tmp_path):
    with Memory(tmp_path / "m", SIGNATURE) as memory:
        errors = []

        def work(who):
            try:
                for n in range(40):
                    memory.keep_answers([(f"{who} {n}".encode(), (CAT,))])
                    assert memory.answers([f"{who} {n}".encode()])
                    memory.keep([record(f"{who} {n}")], [f"{who} {n}".encode()])
            except Exception as e:
                errors.append(e)

        threads = [threading.Thread(target=work, args=(who,)) for who in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert len(memory.records([key(f"{w} {n}", SIGNATURE) for w in range(4) for n in range(40)])) == 160
        assert memory.database.read("SELECT count(*) FROM answers") == [(0,)]


def test_a_fork_is_told_to_open_its_own(tmp_path):
    code = """
        memory = Memory(Path(sys.argv[1]), S)
        memory.keep_answers([(b"parent", (Hypothesis("x", -1.0, 2),))])
        child = os.fork()
        if child == 0:
            for use in (lambda: memory.answers([b"parent"]), lambda: memory.keep([], [b"parent"])):
                try:
                    use()
                except Exception as e:
                    print(type(e).__name__, e, flush=True)
            memory.close()
            sys.exit(0)
        os.waitpid(child, 0)
        memory.keep_answers([(b"after", (Hypothesis("x", -1.0, 2),))])
        print(len(memory.answers([b"parent", b"after"])))
    """
    [first, second, last] = answered(child(code, tmp_path / "m")).split("\n")
    assert first.startswith(f"EngineError {tmp_path / 'm'}: the translation memory was opened by process ")
    assert "open it in the child" in second
    assert last == "2"
    with Memory(tmp_path / "m", SIGNATURE) as memory:
        assert len(memory.answers([b"parent", b"after"])) == 2
    assert issubclass(EngineError, Exception)


def test_a_closed_memory_says_so(tmp_path):
    memory = Memory(tmp_path / "m", SIGNATURE)
    memory.close()
    memory.close()
    with pytest.raises(ValueError, match="found a closed one"):
        memory.answers([b"k"])


def test_commits_are_durable_and_the_log_is_bounded(tmp_path):
    path = tmp_path / "m"
    with Memory(path, SIGNATURE) as memory:
        # 2 = FULL: the log is flushed at every commit (sqlite.org/pragma.html#pragma_synchronous)
        assert memory.database.read("PRAGMA synchronous") == [(2,)]
        assert memory.database.read("PRAGMA journal_mode") == [("wal",)]
        long = Hypothesis("x" * 20_000, -1.0, 9)
        for n in range(40):
            memory.keep_answers([(bytes([n, i]), (long,)) for i in range(40)])
        assert path.stat().st_size > 16 << 20
        assert Path(f"{path}-wal").stat().st_size < 16 << 20


# what is no memory


def message(error, path, expected):
    with pytest.raises(error) as caught:
        Memory(path, SIGNATURE).close()
    assert str(caught.value).startswith(f"{path}: ")
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_another_kind_of_file_is_refused_and_not_touched(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_bytes(b"These are the notes of somebody. " * 99)
    message(InputError, path, "expected a translation memory, found another kind of file")
    assert path.read_bytes() == b"These are the notes of somebody. " * 99


def test_another_programs_database_is_refused(tmp_path):
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE answers (key BLOB)")
    db.close()
    message(InputError, path, "found another program's SQLite database")
    marked = tmp_path / "marked.sqlite"
    with sqlite3.connect(marked) as db:
        db.execute("PRAGMA application_id=17")
    db.close()
    message(InputError, marked, "found another program's SQLite database")


def test_a_newer_version_is_refused(tmp_path):
    path = tmp_path / "m"
    Memory(path, SIGNATURE).close()
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA application_id").fetchone() == (MARK,)
        db.execute(f"PRAGMA user_version={VERSION + 1}")
    db.close()
    message(InputError, path, f"expected a translation memory of version {VERSION}, found version {VERSION + 1}")


def test_a_directory_a_pipe_and_a_file_as_directory_are_refused(tmp_path):
    message(InputError, tmp_path, "expected a file, found a directory")
    os.mkfifo(tmp_path / "pipe")
    message(InputError, tmp_path / "pipe", "expected a file, found a device or a pipe")
    (tmp_path / "file").write_text("x")
    message(OutputError, tmp_path / "file" / "m", "cannot write: Not a directory")


def test_a_name_that_sqlite_keeps_for_itself_is_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with Memory(Path(":memory:"), SIGNATURE) as memory:
        memory.keep([record("猫")])
    assert (tmp_path / ":memory:").is_file()


def test_nothing_there(tmp_path):
    with pytest.raises(InputError, match="expected a translation memory, found nothing there"):
        existing(tmp_path / "m")
    assert existing(tmp_path) == tmp_path


def test_what_may_not_be_written_is_one_line(tmp_path):
    """As another user where this is root, whom no mode stops."""
    folder = Path(subprocess.run(["mktemp", "-d"], capture_output=True, text=True, check=True).stdout.strip())
    try:
        with Memory(folder / "m", SIGNATURE) as memory:
            memory.keep([record("猫")])
        (folder / "m").chmod(0o444)
        folder.chmod(0o555)
        code = """
            if os.geteuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            for path in sys.argv[1:]:
                try:
                    Memory(Path(path), S)
                except Exception as e:
                    print(type(e).__name__, e)
        """
        said = answered(child(code, folder / "m", folder / "new")).split("\n")
        assert said == [f"OutputError {folder / name}: cannot write: Permission denied" for name in ("m", "new")]
        folder.chmod(0o777)
        [said] = answered(child(code, folder / "m")).split("\n")
        assert said == f"OutputError {folder / 'm'}: cannot write: Permission denied"
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


def test_a_full_disk_is_one_line_and_loses_nothing(tmp_path):
    path = tmp_path / "m"
    code = """
        long = (Hypothesis("x" * 5000, -1.0, 2),)
        memory, n = Memory(Path(sys.argv[1]), S), 0
        try:
            while True:
                memory.keep_answers([(n.to_bytes(4, "big") + bytes([i]), long) for i in range(7)])
                n += 1
        except Exception as e:
            print(type(e).__name__, e)
            print(n, len(memory.answers([x.to_bytes(4, "big") + bytes([i]) for x in range(n) for i in range(7)])))
    """

    def small():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

    first, second = answered(child(code, path, preexec_fn=small)).split("\n")
    assert first.startswith(f"OutputError {path}: cannot write: ")
    commits, rows = map(int, second.split())
    assert commits > 3
    assert rows == 7 * commits
    assert opened(path) == list(range(commits))


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("mount"), reason="only root mounts a small disk")
def test_a_full_disk_of_its_own(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("this system mounts no tmpfs")
    try:
        with Memory(disk / "m", SIGNATURE) as memory:
            with pytest.raises(OutputError, match="cannot write: No space left on device"):
                for n in range(1000):
                    memory.keep_answers([(n.to_bytes(4, "big") + bytes([i]), (CAT,) * 99) for i in range(7)])
            found = memory.database.read("SELECT count(*) FROM answers")[0][0]
            assert found % 7 == 0
            assert found > 0
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_lock_that_is_never_given_back_is_one_line(tmp_path, monkeypatch):
    with Memory(tmp_path / "m", SIGNATURE) as holder, holder.database.writing():
        monkeypatch.setattr(database, "WAIT", 0.2)
        with (
            Memory(tmp_path / "m", SIGNATURE) as memory,
            pytest.raises(OutputError, match=r"cannot write: other programs kept it locked for 0\.2 seconds"),
        ):
            memory.keep([record("猫")])


def test_a_file_that_is_locked_while_it_is_opened_is_tried_again(tmp_path, monkeypatch):
    """SQLite answers so without waiting where two processes turn one new file into a log's (SQLITE_BUSY_RECOVERY and its like, code 261)."""
    check, answers = database.Database._check_marks, [5, 261]

    def busy(self, *args):
        if answers:
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = answers.pop()
            raise error
        return check(self, *args)

    monkeypatch.setattr(database.Database, "_check_marks", busy)
    with Memory(tmp_path / "m", SIGNATURE) as memory:
        memory.keep([record("猫")])
    assert answers == []
    answers += [5] * 1000
    monkeypatch.setattr(database, "WAIT", 0.1)
    with pytest.raises(OutputError, match=r"other programs kept it locked for 0\.1 seconds"):
        Memory(tmp_path / "m", SIGNATURE)


def test_reading_goes_on_while_another_writes(tmp_path):
    with Memory(tmp_path / "m", SIGNATURE) as writer, Memory(tmp_path / "m", SIGNATURE) as reader:
        writer.keep([record("猫")])
        with writer.database.writing() as db:
            db.execute("DELETE FROM records")
            assert len(reader.records([key("猫", SIGNATURE)])) == 1
        assert reader.records([key("猫", SIGNATURE)]) == {}


@pytest.mark.parametrize("value", ["", "[", "3", '["x"]', '["x","y",1,1]', '["a\\nb",0,1,1]', b"\xff", 7])
def test_damaged_rows_are_one_line(tmp_path, value):
    path = tmp_path / "m"
    with Memory(path, SIGNATURE) as memory:
        memory.keep([record("猫")])
        memory.keep_answers([(b"k", (CAT,))])
        with memory.database.writing() as db:
            db.execute("UPDATE records SET hypothesis = ?", (value,))
            db.execute("UPDATE answers SET hypotheses = ?", (value,))
        for ask in (lambda: memory.records([key("猫", SIGNATURE)]), lambda: memory.answers([b"k"])):
            with pytest.raises(InputError, match="expected a whole translation memory, found a damaged one"):
                ask()


def test_a_damaged_file_is_one_line_or_answers_right(tmp_path):
    path, rng, refused = tmp_path / "m", random.Random(5), 0
    records = [record(str(n)) for n in range(500)]
    with Memory(path, SIGNATURE) as memory:
        memory.keep(records)
    whole = path.read_bytes()
    for _ in range(30):
        broken = bytearray(whole)
        page = rng.randrange(1, len(whole) // 4096) * 4096
        broken[page : page + 64] = rng.randbytes(64)
        path.write_bytes(broken)
        try:
            with Memory(path, SIGNATURE) as memory:
                found = memory.records([r.key for r in records])
            assert all(found[r.key].src == r.src for r in records if r.key in found)
        except InputError as e:
            refused += 1
            assert str(e).startswith(f"{path}: expected a whole translation memory, found a damaged one")
    assert refused > 10


def test_default_path(monkeypatch):
    monkeypatch.setenv("KAKEHASHI_MEMORY", "/x/y.sqlite")
    assert default_path() == Path("/x/y.sqlite")
    monkeypatch.delenv("KAKEHASHI_MEMORY")
    monkeypatch.setenv("KAKEHASHI_CACHE", "/c")
    assert default_path() == Path("/c/memory.sqlite")


# similar sentences


def levenshtein(a, b):
    """Wagner and Fischer 1974, row by row."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


ALPHABET = "猫犬が三四匹いる。aB\ud800\0\"'"
sentences = st.text(st.sampled_from(ALPHABET), min_size=1, max_size=30)
EDITS = st.tuples(st.integers(0, 29), st.integers(0, 2), st.sampled_from(ALPHABET))


def edited(text, edits):
    """A text some characters of which are replaced, taken out, or put in."""
    for place, taken, put in edits:
        text = text[:place] + (put if taken != 2 else "") + text[place + (taken > 0) :]
    return text or "猫"


@st.composite
def neighbourhoods(draw):
    """A text, and others that are more or less like it."""
    text = draw(sentences)
    near = draw(st.lists(st.lists(EDITS, max_size=8).map(lambda edits: edited(text, edits)), max_size=8))
    return text, sorted({*near, *draw(st.lists(sentences, max_size=3))})


@settings(deadline=None, max_examples=150)
@example(("BBBBBBBB", ["猫猫BBBBBBBB"]), 0.8)  # 1 - 2/10: the number itself is similar enough
@given(neighbourhoods(), st.sampled_from([0.75, 0.8, 0.9, 1.0]))
def test_similar_finds_what_a_comparison_with_all_finds(around, threshold):
    (text, texts), wanted = around, {}
    for src in texts:
        score = 1 - levenshtein(src, text) / max(len(src), len(text))
        if score >= threshold - 1e-9:
            wanted[src] = pytest.approx(score)
    # between 9 characters and where trigrams suffice the index may miss some; so says the module
    length = len(text)
    whole = length < 9 or length - 2 > 3 * int(length * (1 - threshold) / threshold + 1e-9)
    with Memory(None, SIGNATURE) as memory:
        memory.keep([record(src, replace(CAT, text=src)) for src in texts])
        found = {r.src: score for score, r in memory.similar(text, threshold=threshold, limit=100)}
    if whole:
        assert found == wanted
    else:
        assert all(wanted[src] == score for src, score in found.items())


def test_similar_is_best_first_people_before_machines_each_once():
    with Memory(None, SIGNATURE) as memory:
        memory.keep([record("猫が三匹いる。", replace(CAT, text="Three cats."))])
        memory.keep([record("猫が三匹いる。", replace(CAT, text="Three cats."), Signature.of(model="other"))])
        memory.keep([record("猫が三匹いた。", replace(CAT, text="Were."))])
        memory.keep_human([("猫が三匹いる。", "There are three cats.")], "a")
        found = memory.similar("猫が三匹いる。", limit=5)
        assert [(round(score, 3), r.hypothesis.text) for score, r in found] == [
            (1, "There are three cats."),
            (1, "Three cats."),
            (round(6 / 7, 3), "Were."),
        ]
        assert memory.similar("猫が三匹いる。", limit=1) == found[:1]
        assert memory.similar("　") == []
        assert memory.similar("鳥は空を飛ぶ。") == []


def test_the_index_follows_what_is_kept_and_replaced():
    with Memory(None, SIGNATURE) as memory:
        text = "首相は十二日、記者会見で追加の措置を発表した。"
        assert memory.similar(text) == []
        memory.keep_human([(text, "One")], "a")
        assert [r.hypothesis.text for _, r in memory.similar(text)] == ["One"]
        memory.keep_human([(text, "Two"), (text.replace("首相", "市長"), "Three")], "b")
        assert [r.hypothesis.text for _, r in memory.similar(text)] == ["Two", "Three"]
        similar.forget(memory.database)
        assert [r.hypothesis.text for _, r in memory.similar(text)] == ["Two", "Three"]


def test_similar_without_an_index_of_trigrams(monkeypatch):
    monkeypatch.setattr(similar, "_INDEX", "CREATE VIRTUAL TABLE trigrams USING fts5(src, tokenize='no such')")
    with Memory(None, SIGNATURE) as memory:
        memory.keep_human([("首相は十二日、記者会見で発表した。", "One")], "a")
        assert [r.hypothesis.text for _, r in memory.similar("首相は十三日、記者会見で発表した。")] == ["One"]


def test_common_trigrams_are_left_out_first(monkeypatch):
    monkeypatch.setattr(similar, "CANDIDATES", 5)
    with Memory(None, SIGNATURE) as memory:
        memory.keep_human([(f"{n}番目の文について発表した。", str(n)) for n in range(100, 200)], "a")
        grams = sorted({"150番目の文について発表した。"[n : n + 3] for n in range(13)})
        similar.catch_up(memory.database)
        assert similar._rarest(memory.database, grams, 10)[0] == "150"
        assert "発表し" not in similar._rarest(memory.database, grams, 10)
        assert [r.hypothesis.text for _, r in memory.similar("150番目の文について発表した。", limit=1)] == ["150"]


@pytest.mark.parametrize("options", [{"threshold": 0.4}, {"threshold": 1.1}, {"limit": 0}])
def test_similar_checks_its_options(options):
    with Memory(None, SIGNATURE) as memory, pytest.raises(OptionError, match=next(iter(options))):
        memory.similar("猫", **options)
