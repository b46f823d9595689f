"""``python -m emoconv``, the command ``emoconv``; also what torchrun's ``-m`` takes."""

from emoconv.cli import main

if __name__ == "__main__":
    main()
