"""Build the image that ``Dockerfile`` describes into a folder, without Docker.

The steps are those of the file, read from it; `container` says what stands in for its base. A
build needs a package index.

Run:  python dev/build_image.py FOLDER    (as root; builds, and serves on port 8000)
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from container import Image, enter
from dockerfile import Step, context, read

__all__ = ["build"]

ROOT = Path(__file__).parents[1]
ETC = ("hosts", "nsswitch.conf", "pip.conf", "resolv.conf", "ssl/certs/ca-certificates.crt")


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
