"""A command on a pseudo-terminal, as a person at a keyboard runs it."""

from __future__ import annotations

import os
import pty
import subprocess
import time

from .server import Result, Server, binary


def on_terminal(server: Server, *arguments: str, answer: str = "", timeout: float = 60) -> Result:
    """Runs an `attune` command with a terminal for its input and errors, and types one answer; standard output is a pipe."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [binary(), *arguments], env=server.environment, cwd=server.data.parent,
        stdin=terminal, stdout=subprocess.PIPE, stderr=terminal, text=True,
    )
    os.close(terminal)
    shown = b""
    typed = False
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        try:
            piece = os.read(controller, 4096)
        except OSError:  # The last process on the terminal has ended.
            break
        if not piece:
            break
        shown += piece
        if not typed and (b"continue: " in shown or b"[y/N] " in shown):
            os.write(controller, answer.encode() + b"\n")
            typed = True
    out = process.communicate(timeout=timeout)[0]
    os.close(controller)
    return Result(process.returncode, out, shown.decode(errors="replace"))
