"""Files as spreadsheets, shells, and exports write them: what is imported, what is refused and how it is told."""

import csv
import gzip
import io
import json
import os
import random
import subprocess

import pytest

from harness.server import Server, binary

HEADER = "id,name,category\n"


@pytest.fixture(scope="module")
def catalog(shared, tenant, tmp_path_factory):
    """Imports one file of products."""
    folder = tmp_path_factory.mktemp("files")

    def run(content, *more: str, name: str = "products.csv"):
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return shared.command("catalog", "import", "--tenant", "acme", str(path), "--json", *more)

    return run


def product(api, product_id: str):
    answer = api.get(f"/api/catalog/products/{product_id}")
    return answer.json() if answer.status == 200 else None


def event(number: int, **more) -> str:
    return json.dumps({"type": "track", "event": "x", "userId": "u", "messageId": f"m{number}"} | more)


# What is read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_products_in_every_form_of_csv(catalog, api, encoding, separator):
    for place, line_break in enumerate(("\n", "\r\n", "\r")):
        wanted = f"{encoding}{ord(separator)}{place}"
        text = separator.join(["ID", " Name ", "category", "price", "available", "note"]) + line_break
        text += separator.join([f" {wanted} ", "Café crème", "drinks", "4.50", "WAHR", f'"a{separator} ""b""{line_break}c"'])
        result = catalog(text.encode(encoding))
        assert result.code == 0, result
        found = product(api, wanted)
        assert (found["name"], found["category"], found["price"], found["available"]) == ("Café crème", "drinks", 4.5, True), found
        assert found["attributes"] == {"note": f'a{separator} "b"{line_break}c'}


def test_what_python_writes_as_csv_is_read_back(catalog, api):
    """Random values, written by Python's csv module."""
    random.seed(7)
    for dialect in ("excel", "excel-tab", "unix"):
        rows = []
        for number in range(150):
            note = "".join(random.choice('a", ;\t\n\r\'ß|') for _ in range(random.randint(1, 12))) + "."
            rows.append([f"{dialect}-{number}", "Name", "things", "." + note])
        text = io.StringIO(newline="")
        csv.writer(text, dialect=dialect).writerows([["id", "name", "category", "note"], *rows])
        result = catalog(text.getvalue())
        assert result.code == 0 and result.json()["stored"] == 150, result
        for row in rows[::10]:
            assert product(api, row[0])["attributes"]["note"] == row[3], row


def test_empty_cells_columns_and_lines_mean_nothing(catalog, api):
    result = catalog("\n" + "id,name,category,price,available,color,,\ne1,Lamp,lamps,,,,,\n,,,,,,,\n\ne2,Desk,desks\n   \n")
    assert result.code == 0 and result.json()["stored"] == 2, result
    assert product(api, "e1")["available"] is True and not product(api, "e1").get("attributes")
    assert product(api, "e1").get("price") is None and product(api, "e2")["name"] == "Desk"
    result = catalog(",id,name,category\n0,e3,Mug,mugs\n")
    assert result.code == 0 and "column 1 has no name" in result.err and product(api, "e3"), result
    assert catalog("sep=;\r\nid;name;category\r\ne4;Cup, small;cups\r\n").code == 0 and product(api, "e4")["name"] == "Cup, small"


@pytest.mark.parametrize("name", ["P.CSV", "p.Csv", "p.csv.GZ", "p.txt", "p", "p.json", "P.JSONL", "p.ndjson.gz", "array.json", "noname.gz"])
def test_a_file_is_known_by_its_content(catalog, api, name):
    record = {"id": name, "name": "Lamp", "category": "lamps"}
    if "json" in name.lower():
        text = json.dumps([record, record], indent=2) if "array" in name else json.dumps(record) + "\n"
    else:
        text = f"{HEADER}{name},Lamp,lamps\n"
    content = gzip.compress(text.encode()) if name != "noname.gz" and name.lower().endswith("gz") else text.encode()
    result = catalog(content, name=name)
    assert result.code == 0 and product(api, name), result
    assert catalog(gzip.compress(text.encode()), name="plain-" + name.removesuffix(".gz")).code == 0, "gzip is known by its bytes"


def test_words_for_yes_and_no(catalog, api):
    words = {"true": True, "Yes": True, "y": True, "1": True, "ON": True, "ja": True, "VRAI": True, "1.0": True,
             "FALSE": False, "no": False, "N": False, "0": False, "off": False, "Nein": False, "FALSCH": False, "0.0": False}
    lines = "".join(f"w{place},Lamp,lamps,{word}\n" for place, word in enumerate(words))
    assert catalog("id,name,category,available\n" + lines).code == 0
    for place, is_available in enumerate(words.values()):
        assert product(api, f"w{place}")["available"] is is_available, place
    result = catalog("id,name,category,available\nw99,Lamp,lamps,perhaps\n")
    assert result.code == 2 and "line 2: available must be yes or no" in result.err and not product(api, "w99")


# What is refused


@pytest.mark.parametrize("price", ["nan", "NaN", "inf", "-inf", "Infinity", "1e999", "1e400", "19.99 USD", "€5", '"19,99"', '"1,299.00"', "0x10", "-1", "five"])
def test_a_price_that_is_no_number_costs_its_product(catalog, api, price):
    result = catalog(f"id,name,category,price\nq1,Lamp,lamps,5\nq2,Desk,desks,{price}\nq3,Mug,mugs,7\n")
    assert result.code == 2 and "line 3: price" in result.err, result
    assert [product(api, name) is not None for name in ("q1", "q2", "q3")] == [True, False, True]
    api.delete("/api/catalog/products/q1")
    api.delete("/api/catalog/products/q3")
    line = json.dumps({"id": "q2", "name": "n", "category": "c"})[:-1]
    if price in ("1e400", "1e999", "-1"):
        assert catalog(f'{line}, "price": {price}}}\n', name="p.jsonl").code == 2 and not product(api, "q2")


def test_refused_lines_are_numbered_explained_and_kept(catalog, api, tmp_path):
    rejects = tmp_path / "rejects.csv"
    bad = ["r2,,lamps", "r3,Lamp,lamps,extra", f"r5,{'x' * (1 << 20)},lamps", 'r4,"Lamp,lamps']
    text = HEADER + f"r1,Lamp,lamps\n{bad[0]}\n\n{bad[1]}\n{bad[2]}\n{bad[3]}\nr6,Mug,mugs\n"
    result = catalog(text, "--rejects", str(rejects))
    assert result.code == 2, result
    assert [refusal["line"] for refusal in result.json()["refusals"]] == [3, 5, 6, 7], result
    for number, reason in ((3, "name is missing"), (5, "4 values for 3 columns"), (6, "longer than"), (7, "never closed")):
        assert f"line {number}: " in result.err and reason in result.err, result
    assert product(api, "r1") and product(api, "r6") and result.json()["stored"] == 2 and result.json()["rejected"] == 4
    kept = rejects.read_text().split("\n")
    assert kept[:3] == ["id,name,category", *bad[:2]] and kept[3].startswith("r5,xxx") and kept[4:] == [bad[3], ""], kept
    mended = rejects.read_text().replace('"Lamp', "Lamp").replace(",,", ",Named,").replace(",extra", "")
    again = catalog("\n".join(line for line in mended.split("\n") if not line.startswith("r5")))
    assert again.code == 0 and product(api, "r2") and product(api, "r3") and product(api, "r4"), again


def test_many_refused_lines_are_told_in_sum(catalog):
    result = catalog(HEADER + "x,,\n" * 300)
    assert result.code == 2 and result.err.count("attune: line ") == 20 and "300 lines were refused" in result.err
    assert len(result.json()["refusals"]) == 300


def test_a_file_in_another_encoding_is_refused_by_name(catalog, api):
    result = catalog(HEADER.encode() + "k1,Lamp,lamps\nk2,Café,cafés\nk3,Mug,mugs\n".encode("cp1252"))
    assert result.code == 2 and "line 3: " in result.err and "Windows-1252" in result.err, result
    assert product(api, "k1") and not product(api, "k2") and product(api, "k3")
    assert catalog("id,name,Größe,category\nk4,Lamp,5,lamps\n".encode("cp1252")).code == 1 and not product(api, "k4")
    assert catalog(b"PK\x03\x04rest of a workbook", name="p.xlsx").code == 1
    assert catalog((HEADER + "k5,Lamp,lamps\n").encode("utf-32")).code == 1 and not product(api, "k5")


@pytest.mark.parametrize("header", ["id,name\n", "name,category,id,ID\n", "a,b\n1,2\n", "", "\n\n", "id,name,category,color,color\n"])
def test_a_header_that_does_not_do_ends_the_import(catalog, header):
    result = catalog(header)
    assert result.code == 1 and "cannot read" in result.err and not result.out, result


def test_rejects_never_overwrite_the_file_itself(catalog, shared, tmp_path):
    path = tmp_path / "p.csv"
    path.write_text(HEADER + "x,,\n")
    result = shared.command("catalog", "import", "--tenant", "acme", str(path), "--rejects", str(path))
    assert result.code == 64 and path.read_text() == HEADER + "x,,\n"


# Events, pipes and bounds


def test_events_are_imported_whatever_the_file(shared, tenant, api, tmp_path):
    good = [event(n) for n in range(4)]
    text = "\ufeff" + good[0] + "\r\n\r\n  " + good[1] + " \r\nnot json\r\n" + good[2].replace("x", "é").replace("é", "x") + "\r\n" + event(9, type="?") + "\r\n" + good[3]
    for name, content in (("E.JSONL", text.encode()), ("e.jsonl.gz", gzip.compress(text.encode("utf-16"))), ("e", text.encode())):
        path, rejects = tmp_path / name, tmp_path / (name + ".rejects")
        path.write_bytes(content)
        result = shared.command("events", "import", "--tenant", "acme", str(path), "--rejects", str(rejects), "--json")
        assert result.code == 2, result
        report = result.json()
        assert report["accepted"] + report["duplicates"] == 4 and report["rejected"] == {"malformed": 1, "invalid": 1}, report
        assert [refusal["line"] for refusal in report["refusals"]] == [4, 6], report
        assert "line 4: is not valid JSON" in result.err and "line 6: type must be" in result.err, result
        assert rejects.read_text().splitlines() == ["not json", event(9, type="?")]
        assert not list(tmp_path.glob("*.attune-import"))
    path = tmp_path / "array.json"
    path.write_text(json.dumps([json.loads(line) for line in good], indent=1))
    assert shared.must("events", "import", "--tenant", "acme", str(path))["duplicates"] == 4


def test_a_finished_import_says_its_rate(shared, tenant, tmp_path):
    (tmp_path / "e.jsonl").write_text(event(1) + "\n")
    result = shared.command("events", "import", "--tenant", "acme", str(tmp_path / "e.jsonl"))
    assert result.code == 0 and "per second" in result.out and "1 entry" in result.out, result


@pytest.mark.parametrize("argument", ["-", "/dev/stdin", "/dev/fd/0"])
def test_pipes_and_standard_input(shared, tenant, api, tmp_path, argument):
    def feed(*arguments: str, content: bytes):
        return subprocess.run(
            [binary(), *arguments, argument], env=shared.environment, cwd=tmp_path, input=content, capture_output=True, timeout=60)

    result = feed("events", "import", "--tenant", "acme", content=gzip.compress((event(50) + "\n").encode()))
    assert result.returncode == 0, result
    result = feed("catalog", "import", "--tenant", "acme", content=(HEADER + "piped,Lamp,lamps\n").encode())
    assert result.returncode == 0 and product(api, "piped"), result
    exported = shared.command("user", "export", "--tenant", "acme", "--user", "u").out
    shared.command("tenant", "create", "taken")
    shared.command("user", "erase", "--yes", "--tenant", "taken", "--user", "u")
    result = feed("user", "import", "--tenant", "taken", content=gzip.compress(exported.encode("utf-16")))
    assert result.returncode == 0, result
    result = feed("user", "erase", "--yes", "--tenant", "taken", "--ids-file", content=b"\xef\xbb\xbfu\r\n\r\n")
    assert result.returncode == 0, result


def test_a_folder_that_cannot_be_written_costs_the_mark_only(shared, tenant, tmp_path):
    if os.geteuid() == 0:
        pytest.skip("nothing is read-only for root")
    folder = tmp_path / "read-only"
    folder.mkdir()
    (folder / "e.jsonl").write_text(event(60) + "\n")
    folder.chmod(0o500)
    result = shared.command("events", "import", "--tenant", "acme", str(folder / "e.jsonl"))
    assert result.code == 0 and "cannot be resumed" in result.err, result


def test_an_import_that_was_stopped_goes_on(shared, tenant, tmp_path):
    """The mark of a stopped import is taken up, of the same file alone."""
    path = tmp_path / "e.jsonl"
    path.write_text("".join(event(n, userId="resumed") + "\n" for n in range(5)))
    status = path.stat()
    mark = tmp_path / "e.jsonl.attune-import"
    mark.write_text(f"events acme {status.st_size} {int(status.st_mtime)}\n3\n")
    result = shared.command("events", "import", "--tenant", "acme", str(path), "--json")
    assert result.json()["lines"] == 2 and "resuming after line 3" in result.err and not mark.exists(), result
    mark.write_text(f"events other {status.st_size} {int(status.st_mtime)}\n3\n")
    assert shared.must("events", "import", "--tenant", "acme", str(path))["lines"] == 5


def peak_megabytes(shared, *arguments: str) -> tuple[int, int]:
    """Exit status, and how much memory the command took at most."""
    process = subprocess.Popen([binary(), *arguments], env=shared.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss // 1024


def test_memory_is_bounded_whatever_the_file(shared, tenant, tmp_path):
    bomb = tmp_path / "bomb.jsonl.gz"
    with gzip.open(bomb, "wb", 1) as file:
        for _ in range(300):
            file.write(b"a" * 1_000_000)
        file.write(b"\n" + event(70).encode() + b"\n")
    code, peak = peak_megabytes(shared, "events", "import", "--tenant", "acme", str(bomb))
    assert code == 2 and peak < 200, (code, peak)
    quotes = tmp_path / "quotes.csv"
    quotes.write_text(HEADER + '"' * 3_000_000 + "\nz,Lamp,lamps\n")
    code, peak = peak_megabytes(shared, "catalog", "import", "--tenant", "acme", str(quotes))
    assert code == 2 and peak < 200, (code, peak)
    nodes = tmp_path / "nodes.json"
    nodes.write_bytes(b'{"exportVersion":1,"userId":"imp","x":[' + b"1," * 20_000_000 + b"1]}")
    with Server(tmp_path / "alone") as alone:
        alone.create_tenant("acme")
        before = rss(alone)
        code, peak = peak_megabytes(alone, "user", "import", "--tenant", "acme", str(nodes))
        assert code == 1 and peak < 300 and rss(alone) - before < 250, (code, peak, before, rss(alone))


def rss(server: Server) -> int:
    """The most memory that the server had so far, in MB."""
    with open(f"/proc/{server.process.pid}/status") as file:
        return next(int(line.split()[1]) // 1024 for line in file if line.startswith("VmHWM"))
