"""Restores of backups that are not what they should be, and what outlives a restore."""

import os
import random
import shutil
import stat
import subprocess

import pytest

from harness.server import Server, binary

USER = "/api/personalization/users/stays"
PAGE = 4096


class World:
    """A data folder with a backup of it; no server runs."""

    def __init__(self, folder):
        self.folder = folder
        self.data, self.backup = folder / "data", folder / "backup"
        server = Server(self.data)
        tenant = server.create_tenant("acme")
        server.start()
        client = tenant.client()
        for number in range(30):
            assert client.post(f"/api/personalization/users/u{number}/feature-usage", {"feature": "f"}).ok
        assert client.post(f"{USER}/feature-usage", {"feature": "kept"}).ok
        client.close()
        server.must("backup", str(self.backup))
        server.stop()

    def copies(self, name, is_old):
        """A copy of the data folder, and one of the backup; of an old version without its sums."""
        data, backup = self.folder / f"{name}-data", self.folder / f"{name}-backup"
        shutil.copytree(self.data, data)
        shutil.copytree(self.backup, backup)
        if is_old:
            (backup / "sums").unlink()
        return Server(data), backup


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return World(tmp_path_factory.mktemp("restore"))


def content(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "lock.mdb"}


def overwrite(path, offset, bytes_):
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(bytes_)


def vaults(backup):
    return [backup / "vault" / name for name in ("keys.a", "keys.b")]


def cut(size):
    return lambda backup: os.truncate(backup / "store" / "data.mdb", size)


def random_pages(seed):
    """Random bytes somewhere in every page of the store but the first two, which a backup fills without holes."""
    def damage(backup):
        path, draw = backup / "store" / "data.mdb", random.Random(seed)
        for page in range(2, path.stat().st_size // PAGE):
            overwrite(path, page * PAGE + draw.randrange(PAGE - 200), draw.randbytes(200))
    return damage


def one_page(seed, fill):
    def damage(backup):
        path, draw = backup / "store" / "data.mdb", random.Random(seed)
        page = draw.randrange(2, path.stat().st_size // PAGE)
        overwrite(path, page * PAGE, draw.randbytes(PAGE) if fill is None else bytes([fill]) * PAGE)
    return damage


DAMAGES = {
    "vault of zeros": lambda backup: [path.write_bytes(bytes(path.stat().st_size)) for path in vaults(backup)],
    "random vault": lambda backup: [path.write_bytes(random.Random(1).randbytes(path.stat().st_size)) for path in vaults(backup)],
    "vault cut": lambda backup: [os.truncate(path, 100) for path in vaults(backup)],
    "empty vault": lambda backup: [os.truncate(path, 0) for path in vaults(backup)],
    "vault without its first slots": lambda backup: [overwrite(path, 0, bytes(PAGE)) for path in vaults(backup)],
    "vault without its tenant's keys": lambda backup: [overwrite(path, 256, bytes(256)) for path in vaults(backup)],
    "vault is a folder": lambda backup: (vaults(backup)[1].unlink(), vaults(backup)[1].mkdir()),
    "vault is a pipe": lambda backup: (vaults(backup)[1].unlink(), os.mkfifo(vaults(backup)[1])),
    "empty store": cut(0), "store cut to a page": cut(PAGE), "store cut to two pages": cut(2 * PAGE), "store cut to six pages": cut(6 * PAGE),
    "random store": lambda backup: (backup / "store" / "data.mdb").write_bytes(random.Random(1).randbytes(65536)),
    "store of zeros": lambda backup: overwrite(backup / "store" / "data.mdb", 0, bytes((backup / "store" / "data.mdb").stat().st_size)),
    "random meta pages": lambda backup: overwrite(backup / "store" / "data.mdb", 24, random.Random(1).randbytes(128)),
    "last page of the meta page": lambda backup: overwrite(backup / "store" / "data.mdb", PAGE + 136, (1 << 40).to_bytes(8, "little")),
    "random bytes in all pages": random_pages(1), "other random bytes in all pages": random_pages(2),
    **{f"a page of zeros, {seed}": one_page(seed, 0) for seed in range(2)},
    **{f"a random page, {seed}": one_page(seed, None) for seed in range(4)},
}


@pytest.mark.parametrize("is_old", [False, True], ids=["with sums", "without sums"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_backup_changes_nothing(world, damage, is_old):
    server, backup = world.copies(f"{damage} {is_old}".replace(" ", "-"), is_old)
    DAMAGES[damage](backup)
    before = content(server.data)
    for more in ([], ["--force"]):
        refused = server.command("restore", str(backup), *more, timeout=60)
        assert refused.code == 1 and refused.err.startswith("attune: "), (refused.code, refused.err)
    assert content(server.data) == before
    # Into an empty folder, too.
    empty = Server(world.folder / f"{server.data.name}-empty")
    refused = empty.command("restore", str(backup), "--master-key-file", str(world.data / "master.key"))
    assert refused.code == 1 and refused.err.startswith("attune: "), (refused.code, refused.err)
    assert set(content(empty.data)) <= {"lock"}
    # A good one comes back whole after that.
    server.must("restore", str(world.backup))
    assert "kept" in server.command("user", "show", "--tenant", "acme", "--user", "stays", "--json").out


@pytest.mark.parametrize("damage", ["sums of other files", "sums without a seal", "sums of zeros"])
def test_sums_that_are_not_ours_are_refused(world, damage):
    server, backup = world.copies(damage.replace(" ", "-"), False)
    sums = backup / "sums"
    lines = sums.read_text().splitlines(keepends=True)
    if damage == "sums of other files":
        # One who can compute digests and has no key.
        overwrite(backup / "store" / "data.mdb", 8 * PAGE, b"x")
        import base64, hashlib
        digest = base64.urlsafe_b64encode(hashlib.sha256((backup / "store" / "data.mdb").read_bytes()).digest()).rstrip(b"=").decode()
        name, size, _ = lines[1].split()
        lines[1] = f"{name} {size} {digest}\n"
        sums.write_text("".join(lines))
    elif damage == "sums without a seal":
        sums.write_text("".join(lines[:-1]))
    else:
        sums.write_bytes(bytes(100))
    refused = server.command("restore", str(backup))
    assert refused.code == 1 and "sums" in refused.err, refused.err


def test_an_old_backup_comes_back(world):
    server, backup = world.copies("old", True)
    server.must("restore", str(backup))
    assert "kept" in server.command("user", "show", "--tenant", "acme", "--user", "stays", "--json").out


def test_a_tenant_is_lost_by_force_alone(world):
    server, backup = world.copies("lost", False)
    server.create_tenant("later")
    before = server.must("tenant", "list")
    refused = server.command("restore", str(backup))
    assert refused.code == 1 and "later" in refused.err and "--force" in refused.err, refused.err
    assert server.must("tenant", "list") == before
    assert server.must("restore", str(backup), "--force")["lostTenants"] == ["later"]
    assert [tenant["tenant"] for tenant in server.must("tenant", "list")] == ["acme"]


def test_refusals_and_restrictions_outlive_a_restore(tmp_path):
    with Server(tmp_path / "data") as server:
        tenant = server.create_tenant("acme")
        client = tenant.client()
        refusal = {"purposes": {"analytics": False}, "source": "banner"}
        users = ("refuses", "restricted", "lifted", "agrees")
        for user in users:
            assert client.post(f"/api/personalization/users/{user}/feature-usage", {"feature": "f"}).ok
        assert client.put("/api/privacy/users/lifted/restriction", {"restricted": True}).ok
        assert client.put("/api/consent/agrees", refusal).ok
        server.must("backup", str(tmp_path / "backup"))
        for user in ("refuses", "new"):
            assert client.put(f"/api/consent/{user}", refusal).ok
        assert client.put("/api/privacy/users/restricted/restriction", {"restricted": True}).ok
        assert client.put("/api/privacy/users/lifted/restriction", {"restricted": False}).ok
        assert client.put("/api/consent/agrees", {"purposes": {"analytics": True}, "source": "banner"}).ok
        client.close()
        server.stop()
        server.must("restore", str(tmp_path / "backup"))
        server.start()
        client = tenant.client()
        for user in ("refuses", "new"):
            batch = {"batch": [{"type": "track", "event": "e", "userId": user}]}
            assert client.post("/api/track/batch", batch).json()["results"][0]["status"] == "rejected"
            assert client.get(f"/api/consent/{user}").json()["purposes"]["analytics"] is False
            assert len(client.get(f"/api/privacy/users/{user}/export").json()["consentHistory"]) == 1
        assert client.post("/api/personalization/users/restricted/feature-usage", {"feature": "g"}).status == 409
        assert client.post("/api/personalization/users/lifted/feature-usage", {"feature": "g"}).ok
        assert client.get("/api/consent/agrees").json()["purposes"]["analytics"] is True
        assert len(client.get("/api/privacy/users/agrees/export").json()["consentHistory"]) == 2


@pytest.mark.parametrize("size", [100, PAGE, 2 * PAGE, 6 * PAGE])
def test_doctor_survives_a_store_that_was_cut(world, size):
    server, _ = world.copies(f"doctor-{size}", False)
    os.truncate(server.data / "store" / "data.mdb", size)
    found = server.command("doctor")
    assert found.code == 1 and found.err.startswith("attune: "), (found.code, found.err)
    # What must outlive a restore cannot be read from it.
    refused = server.command("restore", str(world.backup))
    assert refused.code == 1 and "--master-key-file" in refused.err, refused.err


@pytest.mark.parametrize("seed", range(6))
def test_doctor_survives_random_pages(world, seed):
    server, _ = world.copies(f"doctor-random-{seed}", False)
    path, draw = server.data / "store" / "data.mdb", random.Random(seed)
    with open(path, "rb") as file:
        used = [page for page in range(2, path.stat().st_size // PAGE) if any(os.pread(file.fileno(), PAGE, page * PAGE))]
    for page in used:
        overwrite(path, page * PAGE + draw.randrange(PAGE - 200), draw.randbytes(200))
    found = server.command("doctor")
    assert found.code == 1 and found.err.startswith("attune: "), (found.code, found.err)


# The folder.

def mode(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


def with_umask_0(server, *arguments):
    return subprocess.run(
        [binary(), *arguments], env=server.environment, cwd=server.data.parent, capture_output=True, text=True, timeout=60,
        umask=0, check=False)


def test_nothing_is_anybody_elses_under_any_umask(tmp_path):
    server = Server(tmp_path / "data")
    assert with_umask_0(server, "tenant", "create", "acme").returncode == 0
    assert with_umask_0(server, "backup", str(tmp_path / "backup")).returncode == 0
    assert with_umask_0(server, "tenant", "export", "acme", "-o", str(tmp_path / "export")).returncode == 0
    for path in [*tmp_path.rglob("*")]:
        assert mode(path) & 0o077 == 0, (path, oct(mode(path)))


def test_an_empty_folder_that_others_may_enter_is_narrowed(tmp_path):
    server = Server(tmp_path / "data")
    server.data.mkdir()
    server.data.chmod(0o777)
    with server:
        assert mode(server.data) == 0o700 and mode(server.data / "attune.sock") & 0o077 == 0
        server.data.chmod(0o755)
        server.restart()
        assert mode(server.data) == 0o700


def test_a_folder_of_other_things_that_others_may_enter_is_refused(tmp_path):
    server = Server(tmp_path / "data")
    server.data.mkdir()
    (server.data / "notes").write_text("mine")
    server.data.chmod(0o755)
    refused = server.command("tenant", "create", "acme")
    assert refused.code == 1 and "chmod 700" in refused.err, refused.err
    assert [path.name for path in server.data.iterdir()] == ["notes"] and mode(server.data) == 0o755


def test_what_a_killed_export_has_left_goes_with_the_next(tmp_path):
    server = Server(tmp_path / "data")
    server.create_tenant("acme")
    for name in ("export.unfinished-AAAAAAAA", "other.unfinished-AAAAAAAA"):
        (tmp_path / name).write_text("left")
    (tmp_path / "backup.unfinished-BBBBBBBB" / "vault").mkdir(parents=True)
    server.must("tenant", "export", "acme", "-o", str(tmp_path / "export"))
    server.must("backup", str(tmp_path / "backup"))
    assert {path.name for path in tmp_path.iterdir()} == {"data", "export", "backup", "other.unfinished-AAAAAAAA"}


def test_a_vault_in_use_gets_no_new_store(world):
    server, _ = world.copies("no-store", False)
    (server.data / "store" / "data.mdb").unlink()
    for command in (("tenant", "list"), ("doctor",), ("restore", str(world.backup))):
        refused = server.command(*command)
        assert refused.code == 1 and refused.err.startswith("attune: "), refused.err
    assert "--master-key-file" in refused.err
    assert not (server.data / "store" / "data.mdb").exists()


def test_what_a_killed_first_start_has_left_goes_with_the_next(tmp_path):
    server = Server(tmp_path / "data")
    new = server.data / "store" / "new"
    new.mkdir(parents=True)
    (tmp_path / "data" / "lock").touch()
    (new / "data.mdb").write_bytes(b"half")
    (server.data / "store" / "data.mdb").touch()
    server.create_tenant("acme")
    assert [tenant["tenant"] for tenant in server.must("tenant", "list")] == ["acme"] and not new.exists()
