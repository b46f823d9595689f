"""``python -m emoconv``, which is the command ``emoconv``; also what torchrun's ``-m`` takes."""

from emoconv.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    main()
