"""What a power failure may leave on a disk, by a record of what was written, synced and named (tools/survival/writes.c).

The model: a write or size is durable when the file was synced after it, a name when its folder was synced after it (POSIX promises no
more). Whatever else may be there or not.
"""

from __future__ import annotations

import os
import shutil
import struct
from dataclasses import dataclass, field
from pathlib import Path

PAGE = 4096
HEAD = struct.Struct("<BBHIQq")


@dataclass
class File:
    """Pages that are not zeros, and the size: as they are, and as they are on the disk for certain."""

    pages: dict[int, bytes] = field(default_factory=dict)
    size: int = 0
    durable: dict[int, bytes] = field(default_factory=dict)
    durable_size: int = 0
    pending: set[int] = field(default_factory=set)
    # Grows with every change.
    version: int = 0

    @classmethod
    def read(cls, path: Path) -> File:
        content = path.read_bytes()
        pages = {at // PAGE: content[at:at + PAGE].ljust(PAGE, b"\0") for at in range(0, len(content), PAGE) if any(content[at:at + PAGE])}
        return cls(pages, len(content), dict(pages), len(content))

    def write(self, offset: int, content: bytes, is_durable: bool) -> None:
        self.version += 1
        self.size = max(self.size, offset + len(content))
        for page in range(offset // PAGE, -(-(offset + len(content)) // PAGE)):
            start, end = max(offset, page * PAGE), min(offset + len(content), (page + 1) * PAGE)
            old = self.pages.get(page, bytes(PAGE))
            piece = content[start - offset:end - offset]
            self.pages[page] = old[:start - page * PAGE] + piece + old[end - page * PAGE:]
            self.pending.add(page)
            if is_durable:
                below = self.durable.get(page, bytes(PAGE))
                self.durable[page] = below[:start - page * PAGE] + piece + below[end - page * PAGE:]
                if self.durable[page] == self.pages[page]:
                    self.pending.discard(page)
        if is_durable:
            self.durable_size = max(self.durable_size, offset + len(content))

    def resize(self, size: int) -> None:
        self.version += 1
        for page in [page for page in self.pages if page * PAGE >= size]:
            del self.pages[page]
            self.pending.add(page)
        self.size = size

    def sync(self) -> None:
        self.version += bool(self.pending) or self.size != self.durable_size
        for page in self.pending:
            self.durable[page] = self.pages.get(page, bytes(PAGE))
        self.durable_size = self.size
        self.pending.clear()

    def losses(self):
        """(what is lost, what makes pages and size)"""
        if self.pending or self.size != self.durable_size:
            yield "all pending", lambda: (self.durable, self.durable_size)
            yield "all but the size", lambda: (self.durable, self.size)
        for page in sorted(self.pending):
            yield f"page {page}", lambda page=page: ({**self.pages, page: self.durable.get(page, bytes(PAGE))}, self.size)
            yield f"all but page {page}", lambda page=page: (
                {**self.durable, page: self.pages.get(page, bytes(PAGE))},
                max(self.durable_size, min(self.size, (page + 1) * PAGE)))


def private(path, flags: int) -> int:
    return os.open(path, flags, 0o600)


class Disk:
    """Files and folders by numbers of our own, since inodes are used again, with the changes of names that are not yet on the disk."""

    def __init__(self, root: Path):
        self.root = str(root)
        self.files: dict[int, File] = {}
        self.folders: dict[int, dict[str, int]] = {}
        self.durable: dict[int, dict[str, int]] = {}
        self.pending: list[tuple[int, dict[str, int | None]]] = []
        self.numbers: dict[int, int] = {}
        self.names_version = 0
        self.count = 0
        self.top = self._read(root)

    def _read(self, path: Path) -> int:
        inode = self._number(path.stat().st_ino)
        if path.is_dir():
            self.folders[inode] = {entry.name: self._read(entry) for entry in path.iterdir() if not entry.is_socket()}
            self.durable[inode] = dict(self.folders[inode])
        else:
            self.files[inode] = File.read(path)
        return inode

    def _number(self, inode: int) -> int:
        self.count += 1
        self.numbers[inode] = self.count
        return self.count

    def _place(self, path: str) -> tuple[int, str]:
        """The folder's inode, and the name in it."""
        *folders, name = path[len(self.root) + 1:].split("/")
        inode = self.top
        for folder in folders:
            inode = self.folders[inode][folder]
        return inode, name

    def _change(self, folder: int, names: dict[str, int | None]) -> None:
        self._apply(self.folders, folder, names)
        self.pending.append((folder, names))

    @staticmethod
    def _apply(folders, folder, names) -> None:
        for name, inode in names.items():
            if inode is None:
                folders[folder].pop(name, None)
            else:
                folders[folder][name] = inode

    def take(self, kind: str, flags: int, inode: int, offset: int, content: bytes) -> None:
        inode = self._number(inode) if kind in "ND" else self.numbers.get(inode, 0)
        if kind in "NDLUR" or kind == "F" and flags:
            self.names_version += 1
        if kind == "W":
            self.files[inode].write(offset, content, bool(flags))
        elif kind == "S":
            self.files[inode].resize(offset)
        elif kind == "F" and flags:
            for folder, names in self.pending:
                if folder == inode:
                    self._apply(self.durable, folder, names)
            self.pending = [change for change in self.pending if change[0] != inode]
        elif kind == "F":
            self.files[inode].sync()
        elif kind in "NDL":
            if kind == "N":
                self.files[inode] = File()
            if kind == "D":
                self.folders[inode], self.durable[inode] = {}, {}
            folder, name = self._place(content.decode())
            self._change(folder, {name: inode})
        elif kind == "U":
            folder, name = self._place(content.decode())
            self._change(folder, {name: None})
        elif kind == "R":
            old, new = content.decode().split("\0")
            (source, old_name), (target, new_name) = self._place(old), self._place(new)
            inode = self.folders[source][old_name]
            if source == target:
                self._change(source, {old_name: None, new_name: inode})
            else:
                self._change(target, {new_name: inode})
                self._change(source, {old_name: None})

    def _with(self, changes) -> dict[int, dict[str, int]]:
        folders = {folder: dict(names) for folder, names in self.durable.items()}
        for folder, names in changes:
            self._apply(folders, folder, names)
        return folders

    @property
    def version(self) -> tuple:
        """Differs whenever anything has changed, or become durable."""
        return self.names_version, tuple(file.version for file in self.files.values())

    def images(self):
        """(what is lost, what makes folders and files): one loss at a time."""
        def present():
            return {inode: (file.pages, file.size) for inode, file in self.files.items()}

        def durable():
            return {inode: (file.durable, file.durable_size) for inode, file in self.files.items()}

        yield "all pending", lambda: (self.durable, durable())
        yield "nothing", lambda: (self.folders, present())
        for lost in self.pending:
            name = "/".join(lost[1])
            yield f"name {name}", lambda lost=lost: (self._with(change for change in self.pending if change is not lost), present())
            yield f"all names but {name}", lambda lost=lost: (self._with([lost]), present())
        for inode, file in self.files.items():
            for what, make in file.losses():
                yield f"{what} of {self._name(inode)}", lambda inode=inode, make=make: (self.folders, {**present(), inode: make()})

    def _name(self, inode: int) -> str:
        return next((name for names in self.folders.values() for name, found in names.items() if found == inode), "a file")

    def lay(self, folders, files, path: Path) -> None:
        shutil.rmtree(path, ignore_errors=True)
        known: dict[int, Path] = {}

        def fill(folder: int, target: Path) -> None:
            target.mkdir(mode=0o700)
            for name, inode in folders[folder].items():
                if inode in self.folders:
                    fill(inode, target / name)
                elif inode in known:
                    (target / name).hardlink_to(known[inode])
                else:
                    known[inode] = target / name
                    with open(target / name, "wb", opener=private) as file:
                        pages, size = files[inode]
                        for page, content in pages.items():
                            if page * PAGE < size:
                                file.seek(page * PAGE)
                                file.write(content[:size - page * PAGE])
                        file.truncate(size)

        fill(self.top, path)


def records(path: Path):
    content, at = path.read_bytes() if path.exists() else b"", 0
    while at < len(content):
        kind, flags, _, length, inode, offset = HEAD.unpack_from(content, at)
        yield chr(kind), flags, inode, offset, content[at + HEAD.size:at + HEAD.size + length]
        at += HEAD.size + length
