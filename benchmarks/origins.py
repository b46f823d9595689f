"""Where figures come from, in one line."""

from __future__ import annotations

from typing import Any


def origin(result: dict[str, Any]) -> str:
    """Return the line: command, commit or those of the runs, date and machine."""
    machine = result["machine"]
    commits = [result["commit"]] if "commit" in result else {r["commit"] for r in result["runs"]}
    names = ", ".join(
        f"`{one[:12]}`{' with changes' * one.endswith('+')}" for one in sorted(commits)
    )
    return (
        f"`{result['command']}`, commit {names}, {result['date']}; "
        f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}."
    )
