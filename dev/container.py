"""The image that ``Dockerfile`` describes, built into a folder and run from there without Docker.

Its steps are those of the file, read from it. What stands in for the base image is this system's
``/usr`` with the running Python at ``/usr/local``, where the official images have theirs. Works as
root, on Linux, with util-linux; a build needs a package index.

Run:  python dev/container.py FOLDER    (builds, and serves on port 8000)
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from dockerfile import Stage, Step, context, read

__all__ = ["Image", "build", "can_run"]

ROOT = Path(__file__).parents[1]
PATH = "/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ETC = ("hosts", "nsswitch.conf", "pip.conf", "resolv.conf", "ssl/certs/ca-certificates.crt")
SHELLS = ("bash", "busybox", "dash", "perl", "rbash")

_ENTER = r"""
set -eu
root=$1 python=$2 read_only=$3 shells=$4
shift 4
mount --bind "$root" "$root"
mount --bind -o ro /usr "$root/usr"
mount --bind -o ro "$python" "$root/usr/local"
mount -t proc proc "$root/proc"
for device in null zero random urandom; do mount --bind "/dev/$device" "$root/dev/$device"; done
for shell in $shells; do
  if [ -e "/usr/bin/$shell" ]; then mount --bind /dev/null "$root/usr/bin/$shell"; fi
done
if [ "$read_only" = yes ]; then mount -o remount,bind,ro "$root"; fi
exec chroot "$root" "$@"
"""
"""Puts what a container sees into its place, for itself and its children only, and starts it."""


@dataclass
class Image:
    """A folder with the files of an image, and how to start it.

    Attributes:
        root: The folder.
        env: The environment that it sets, and nothing else.
        stage: The last stage.
        user: User and group, by number.
    """

    root: Path
    env: dict[str, str] = field(default_factory=lambda: {"PATH": PATH, "LANG": "C.UTF-8"})
    stage: Stage | None = None
    user: str = "0:0"
    workdir: str = "/"

    def start_of(self, command: list[str], *, read_only: bool = True) -> list[str]:
        """Return the command that runs one in a container: no capability, no shell, no writing.

        Args:
            command: As of `Step.command`.
            read_only: Whether nothing in the image can be written to.
        """
        user, _, group = self.user.partition(":")
        rights = [
            "/usr/bin/setpriv",
            f"--reuid={user}",
            f"--regid={group}",
            "--clear-groups",
            "--no-new-privs",
            "--bounding-set=-all",
            "--inh-caps=-all",
        ]
        return enter(self.root, [*rights, *command], read_only=read_only, shells=False)

    def main(self) -> list[str]:
        """Return what a container runs if nobody says otherwise."""
        assert self.stage is not None
        return self.stage.of("ENTRYPOINT")[-1].command() + self.stage.of("CMD")[-1].command()

    def health(self) -> list[str]:
        """Return what tells whether a container is healthy."""
        assert self.stage is not None
        words = self.stage.of("HEALTHCHECK")[-1].value.removeprefix("CMD").strip()
        return Step("HEALTHCHECK", {}, words).command()


def enter(
    root: Path, command: list[str], *, read_only: bool, shells: bool, workdir: str = "/"
) -> list[str]:
    """Return what runs a command as the first process of a container."""
    inside = ["/usr/bin/env", f"--chdir={workdir}", *command]
    python = sys.base_prefix
    return [
        *("unshare", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child"),
        *("sh", "-c", _ENTER, "sh", str(root), python, "yes" if read_only else "no"),
        *("" if shells else " ".join(SHELLS), *inside),
    ]


def can_run() -> bool:
    """Tell whether containers can be run here."""
    if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("setpriv"):
        return False
    command = ["unshare", "--mount", "--pid", "--fork", "true"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def build(folder: Path) -> Image:
    """Build the image in an empty folder, which gets a folder for each stage.

    Raises:
        RuntimeError: A step failed.
    """
    images: dict[str, Image] = {}
    for number, stage in enumerate(read(ROOT / "Dockerfile")):
        root = _make_root(folder / (stage.name or str(number)))
        base = images.get(stage.base)
        image = Image(root, dict(base.env)) if base else Image(root)
        image.stage = stage
        for step in stage.steps:
            _take(step, image, images)
        images[stage.name or str(number)] = image
    return image


def _take(step: Step, image: Image, images: dict[str, Image]) -> None:
    """Do one step of a stage."""
    match step.word:
        case "ENV":
            image.env |= step.pairs(image.env)
        case "USER":
            image.user = step.value
        case "WORKDIR":
            image.workdir = step.value
            _inside(image.root, step.value).mkdir(parents=True, exist_ok=True)
        case "COPY":
            _copy(step, image, images)
        case "RUN":
            _run(step, image)
        case _:  # says how to run it
            pass


def _run(step: Step, image: Image) -> None:
    passed = {
        name: value
        for name, value in os.environ.items()
        if name.lower().endswith("_proxy") or name in ("PIP_CERT", "PIP_INDEX_URL")
    }
    command = enter(image.root, step.command(), read_only=False, shells=True, workdir=image.workdir)
    done = subprocess.run(
        command,
        env={**passed, "HOME": "/root", **image.env},
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"RUN {step.value}: exit code {done.returncode}\n{done.stdout}")


def _copy(step: Step, image: Image, images: dict[str, Image]) -> None:
    *sources, target = step.value.split()
    place = _inside(image.root, f"{image.workdir}/{target}" if target[0] != "/" else target)
    if "from" not in step.options:
        sent = context(ROOT)
        for source in sources:
            files = [one for one in sent if one.is_relative_to(source)]
            assert files, f"COPY {source}: not in the context"
            for one in files:
                to = place / one.relative_to(source) if Path(source) != one else place / one.name
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / one, to)
        return
    (source,) = sources
    found = _inside(images[step.options["from"]].root, source)
    if owner := step.options.get("chown"):
        shutil.copytree(found, place, symlinks=True)
        user, group = map(int, owner.split(":"))
        for one in (place, *place.rglob("*")):
            os.chown(one, user, group, follow_symlinks=False)
    else:  # the same files twice: nobody changes them
        shutil.copytree(found, place, symlinks=True, copy_function=os.link)


def _inside(root: Path, path: str) -> Path:
    return root / path.lstrip("/")


def _make_root(root: Path) -> Path:
    """Make a folder in which the system's files have their places."""
    for name in ("usr", "proc", "dev", "etc", "root", "tmp", "var"):
        (root / name).mkdir(parents=True)
    for name in ("bin", "lib", "lib64", "sbin"):
        if Path("/", name).is_symlink():
            (root / name).symlink_to(f"usr/{name}")
    for name in ("null", "zero", "random", "urandom"):
        (root / "dev" / name).touch()
    for name in ETC:
        if (found := Path("/etc", name)).exists():
            (root / "etc" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(found, root / "etc" / name)
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/bash\n")
    (root / "etc/ld.so.conf").write_text("/usr/local/lib\n")
    command = enter(root, ["/sbin/ldconfig", "-X"], read_only=False, shells=True)
    subprocess.run(command, check=True)
    return root


if __name__ == "__main__":
    built = build(Path(sys.argv[1]).resolve())
    sys.exit(subprocess.run(built.start_of(built.main()), env=built.env, check=False).returncode)
